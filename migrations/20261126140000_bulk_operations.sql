-- Bulk jobs that go back to a step, go on in another version, send a message, let a time come.

-- +goose Up
ALTER TABLE bulk_job DROP CONSTRAINT bulk_job_operation_check;
ALTER TABLE bulk_job ADD CONSTRAINT bulk_job_operation_check CHECK (operation IN
    ('retry', 'skip', 'cancel', 'suspend', 'resume', 'restart', 'restart_from', 'migrate', 'message', 'fire', 'delete', 'set_priority'));

-- +goose Down
DELETE FROM bulk_tally t USING bulk_job j WHERE j.id = t.job_id AND j.operation IN ('restart_from', 'migrate', 'message', 'fire');
DELETE FROM bulk_item i USING bulk_job j WHERE j.id = i.job_id AND j.operation IN ('restart_from', 'migrate', 'message', 'fire');
DELETE FROM bulk_job WHERE operation IN ('restart_from', 'migrate', 'message', 'fire');
ALTER TABLE bulk_job DROP CONSTRAINT bulk_job_operation_check;
ALTER TABLE bulk_job ADD CONSTRAINT bulk_job_operation_check CHECK (operation IN
    ('retry', 'skip', 'cancel', 'suspend', 'resume', 'restart', 'delete', 'set_priority'));
