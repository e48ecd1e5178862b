-- How a workspace's pages look: its own accent colour and its own logo, where it has them.
ALTER TABLE workspaces ADD COLUMN accent text;
ALTER TABLE workspaces ADD COLUMN logo bytea;
ALTER TABLE workspaces ADD CONSTRAINT workspaces_accent_form CHECK (accent ~ '^#[0-9a-f]{6}$');
ALTER TABLE workspaces ADD CONSTRAINT workspaces_logo
    FOREIGN KEY (id, logo) REFERENCES pictures (workspace_id, digest);
