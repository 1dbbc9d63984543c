-- Forms that are sent to patients (docs/adr/0020): what is to be done next with each, and when. Kept by a rule in the transaction
-- that changes the form, its pathway or the person; read by a job every minute, which asks for what is due and never for all.
-- Everything in it follows from the resources, but for the evening on which a form that may be sent is first to leave.
create table patient_form_timer (
  task text collate "C" primary key,
  episode text collate "C" not null,
  patient text collate "C" not null,
  register text collate "C" not null,
  step text not null check (step in ('send', 'check', 'remind', 'lock')),
  not_before timestamptz not null,
  due_at timestamptz not null
);
create index patient_form_timer_due on patient_form_timer (due_at);
create index patient_form_timer_by_patient on patient_form_timer (patient);  -- a death is about all of a person's forms

alter table patient_form_timer enable row level security;
alter table patient_form_timer force row level security;
do $$
begin
  execute format('create policy owner on patient_form_timer to %I using (true) with check (true)', current_user);
end
$$;
-- the server's own work: no caller asks it
create policy server on patient_form_timer to ryggrad_app
  using (current_setting('ryggrad.read', true) = 'all')
  with check (current_setting('ryggrad.read', true) = 'all');

-- the number that the code of a link goes to, when the form was ordered to another one than the register's own; sealed
alter table patient_access add column mobile text;
