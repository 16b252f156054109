-- Raise the fence: of two transactions that do this at once, one fails instead of loading twice.
update fence
set commits = commits + 1;
