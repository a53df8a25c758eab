-- pages
SELECT 1;
