-- grades
SELECT 1;
