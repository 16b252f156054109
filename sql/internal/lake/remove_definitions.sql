-- Remove all definitions; those of this build follow.
delete from definitions;
