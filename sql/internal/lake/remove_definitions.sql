-- All definitions go; those of this build come.
delete from definitions;
