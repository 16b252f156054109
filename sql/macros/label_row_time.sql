-- A time of a label row, as its JSON spells it: that of the editor, or ISO 8601; without a zone it is UTC.
-- parameters: text (a time)
-- returns: the time, UTC; null for another text
create or replace macro label_row_time(text) as
    coalesce(
        try_strptime(text, ['%a, %d %b %Y %H:%M:%S GMT', '%a, %d %b %Y %H:%M:%S UTC'])::timestamptz,
        try_cast(text as timestamptz)
    );
