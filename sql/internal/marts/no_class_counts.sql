-- Classes of new document versions, if there are none.
-- grain: as mart_class_balance
-- columns: those of mart_class_balance
create or replace temp table class_counts as
select mart_class_balance.*
from mart_class_balance
limit 0;
