package config

// Secret manages the secrets of a running server.
type Secret struct {
	List   SecretList   `cmd:"" help:"List the secrets, without their values."`
	Set    SecretSet    `cmd:"" help:"Add or change a secret; the value is read from the standard input."`
	Delete SecretDelete `cmd:"" help:"Delete a secret: tasks that ask for it fail from then on."`
}

// SecretList lists secrets.
type SecretList struct {
	Remote
}

// SecretSet adds or changes a secret.
type SecretSet struct {
	Remote
	Name        string   `arg:"" help:"Name, as in secret://name."`
	Description string   `help:"What it is for." placeholder:"TEXT"`
	Definitions []string `help:"Definitions whose tasks may read it, separated by commas; default: all." placeholder:"KEY"`
	NodeTypes   []string `help:"Node types that may read it, with or without @major; default: all." placeholder:"TYPE"`
	Pools       []string `help:"Pools whose workers may read it; default: all." placeholder:"POOL"`
	KeepValue   bool     `help:"Change the description and the scope only; the standard input is not read."`
}

// SecretDelete deletes a secret.
type SecretDelete struct {
	Remote
	Name string `arg:"" help:"Name, as in secret://name."`
}
