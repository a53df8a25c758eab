-- incidents
SELECT 1;
