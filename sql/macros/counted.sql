-- A number with the word for what it counts, in the singular or the plural.
-- parameters: number (how many there are), one (the word for one), several (the word for any other number)
-- returns: a text such as 1 frame or 3 frames
create or replace macro counted(number, one, several) as concat(number, ' ', if(number = 1, one, several));
