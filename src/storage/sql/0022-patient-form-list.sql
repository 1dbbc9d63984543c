-- Pathways of a department, newest first, whether they are under way or finished: patients answer forms weeks after the last visit.
create index pathway_list_by_age on pathway_list (reg, unit, started desc, episode desc);
