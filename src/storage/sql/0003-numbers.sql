-- Numbers that people read aloud: PasientID and ForløpsID. Low rate, handed out on one node.
create sequence patient_number start 10001;
create sequence pathway_number start 20001;
