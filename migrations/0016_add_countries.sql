-- The country that a profile names, beside the city.
ALTER TABLE accounts ADD COLUMN country text NOT NULL DEFAULT '';
