-- alerts
SELECT 1;
