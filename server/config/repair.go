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
