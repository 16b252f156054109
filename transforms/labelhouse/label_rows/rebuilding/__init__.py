"""What an export needs to give label rows back: their layout, and the parts that the tables give."""
