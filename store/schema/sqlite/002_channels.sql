-- Channels that need more than an address: states that somebody has to confirm, alarms
-- about them, people who do not want a mail any more, issues in trackers, news feeds.

ALTER TABLE channel ADD COLUMN verified_at INTEGER;   -- somebody has seen something; NULL = nobody
ALTER TABLE channel ADD COLUMN failing_since INTEGER; -- the first of the failures in a row
ALTER TABLE channel ADD COLUMN alarm INTEGER NOT NULL DEFAULT 0; -- enum channel_alarm
UPDATE channel SET verified_at = last_success_at;
CREATE INDEX channel_alarm ON channel(id) WHERE alarm IN (1, 3); -- something is to be told

-- Whoever is at the other end of an address was asked; what is sent to it waits.
CREATE TABLE mail_address(
  team_id INTEGER NOT NULL,
  address TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  confirmed_at INTEGER,             -- NULL = not yet
  PRIMARY KEY(team_id, address)
) STRICT, WITHOUT ROWID;

-- Who took himself off a subscription.
CREATE TABLE unsubscribed(
  subscription_id INTEGER NOT NULL,
  address TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY(subscription_id, address)
) STRICT, WITHOUT ROWID;

-- What was opened in a tracker for a vulnerability on a list.
CREATE TABLE issue(
  channel_id INTEGER NOT NULL,
  list_id INTEGER NOT NULL,
  vulnerability TEXT NOT NULL,      -- with the place of the tracker before it
  number INTEGER NOT NULL,          -- the tracker's own
  is_open INTEGER NOT NULL,
  message_id TEXT NOT NULL,         -- the last one that is in it
  PRIMARY KEY(channel_id, list_id, vulnerability)
) STRICT, WITHOUT ROWID;

-- A subscription as a news feed: the address is a secret, its hash is kept.
CREATE TABLE news_feed(
  subscription_id INTEGER PRIMARY KEY,
  token_hash BLOB NOT NULL UNIQUE,
  tail TEXT NOT NULL,               -- the last four characters of the token
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE news(
  subscription_id INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  id TEXT NOT NULL,
  at INTEGER NOT NULL,
  title TEXT NOT NULL,
  body BLOB NOT NULL,               -- text, deflated
  PRIMARY KEY(subscription_id, last_seq)
) STRICT, WITHOUT ROWID;
