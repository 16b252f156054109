-- Raise the fence: if two transactions do this at once, one of them fails instead of loading twice.
update fence
set commits = commits + 1;
