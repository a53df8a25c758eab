-- verdicts
SELECT 1;
