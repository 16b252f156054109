-- Failing rows and new findings of each check that no waiver holds for, and waived rows.
-- grain: check and severity
-- columns: check_name, severity, row_count (not waived), new_count (rows of new findings, not waived), waived_count
--   (rows)
select
    shown_findings.check_name,
    shown_findings.severity,
    coalesce(sum(shown_findings.row_count) filter (where shown_findings.waived is null), 0)::bigint as row_count,
    coalesce(sum(shown_findings.row_count) filter (where shown_findings.waived is null and shown_findings.is_new), 0)
        ::bigint as new_count,
    coalesce(sum(shown_findings.row_count) filter (where shown_findings.waived is not null), 0)::bigint as waived_count
from shown_findings
group by shown_findings.check_name, shown_findings.severity;
