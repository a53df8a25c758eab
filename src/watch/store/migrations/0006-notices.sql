-- notices
SELECT 1;
