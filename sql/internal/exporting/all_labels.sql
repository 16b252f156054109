-- Labels that a condition chooses.
-- grain: label
-- columns: those of labels
-- parameters: condition (between braces below: the text of an expression over the columns of labels)
select * from labels where (
{condition}
)
