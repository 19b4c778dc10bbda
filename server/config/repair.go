package config

// The commands that mend running and ended processes, with a look before.

// Look is the choice between doing and looking what would be done.
type Look struct {
	DryRun bool   `help:"Only show what would happen."`
	Reason string `help:"Why, for the audit; needed unless --dry-run." placeholder:"TEXT"`
}

// ProcessRestartFrom restarts a process from a node.
type ProcessRestartFrom struct {
	Remote
	Subject
	Look
	Node  string `required:"" help:"Node to begin at." placeholder:"NODE"`
	Scope string `help:"Which run of the sub-process around the node, when several are under way: the id of its task." placeholder:"TASK"`
}

// ProcessMigrate lets a process go on in another version.
type ProcessMigrate struct {
	Remote
	Subject
	Look
	To int `required:"" help:"Version to go on in." placeholder:"N"`
}

// ProcessFire lets a time come now.
type ProcessFire struct {
	Remote
	Subject
	Reason
	Task string `help:"Id of the task that waits, or its node; default: the process's only waiting task." placeholder:"TASK"`
	Node string `help:"The event that waits, when the task waits for several times." placeholder:"NODE"`
}

// ProcessMessage sends a message to one process.
type ProcessMessage struct {
	Remote
	Subject
	Reason
	Name    string   `required:"" help:"Of the message that the process waits for." placeholder:"NAME"`
	Key     string   `help:"Correlation key; default: the one that the process waits under." placeholder:"KEY"`
	Payload string   `help:"What the waiting step gives as its output: a JSON object, @file or -; default: {}." placeholder:"JSON"`
	File    []string `sep:"none" help:"Upload the file and put it into this field of the payload; may repeat." placeholder:"FIELD=PATH"`
}

// ProcessEntry lets an entry of a list begin anew, or all that failed.
type ProcessEntry struct {
	Remote
	Subject
	Reason
	Task   string `required:"" help:"Id of the entry's task; with --failed of the list's." placeholder:"TASK"`
	Failed bool   `help:"All entries of the list that failed."`
}
