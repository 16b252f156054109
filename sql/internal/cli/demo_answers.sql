-- What was answered, and how often was a question left open?
-- grain: question
-- columns: question, answers, unanswered, most_frequent
select
    name as question,
    count(*) as answers,
    count(*) filter (where value_type = 'null') as unanswered,
    mode(value) as most_frequent
from attributes
group by name
order by answers desc, question;
