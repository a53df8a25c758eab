-- The answer's id as its provider gave it: what a Responses client goes on from (previous_response_id) or asks for later.
ALTER TABLE exchanges ADD COLUMN answer_id TEXT;

CREATE INDEX exchanges_by_answer ON exchanges (answer_id, id) WHERE answer_id IS NOT NULL;
