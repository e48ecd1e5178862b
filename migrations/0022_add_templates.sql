-- Definitions that a workspace keeps to make contests from. Of their schedules only the lengths count.

CREATE TABLE templates (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT uuidv7(),
    name text NOT NULL,
    practice boolean NOT NULL,
    definition jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT templates_pkey PRIMARY KEY (workspace_id, id),
    CONSTRAINT templates_workspace FOREIGN KEY (workspace_id) REFERENCES workspaces (id),
    CONSTRAINT templates_name_once UNIQUE (workspace_id, name)
);
