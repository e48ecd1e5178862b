-- The owner who gave a person's e-mail address; NULL where persons gave their own, or it is not known.
ALTER TABLE persons ADD COLUMN email_given_by uuid,
    ADD CONSTRAINT persons_email_given_by FOREIGN KEY (email_given_by) REFERENCES persons (id);
