-- An image kept on purpose: no message speaks of it from one number to another, so that
-- a second try of a message leaves out the same images.
CREATE TABLE image_purpose(
  image_id INTEGER NOT NULL,
  from_seq INTEGER NOT NULL,
  to_seq INTEGER NOT NULL,          -- 9223372036854775807 = still
  purpose INTEGER NOT NULL,         -- enum image_purpose
  PRIMARY KEY(image_id, from_seq)
) STRICT, WITHOUT ROWID;
