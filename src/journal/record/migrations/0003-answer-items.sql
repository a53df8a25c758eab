-- The ids of an answer's items: what a Responses client refers to instead of sending it again (item_reference).
CREATE TABLE answer_items (
  item TEXT NOT NULL,
  exchange TEXT NOT NULL REFERENCES exchanges (id) ON DELETE CASCADE,
  PRIMARY KEY (item, exchange)
) STRICT, WITHOUT ROWID;
