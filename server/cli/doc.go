// Package cli is the operator's side of the command line: commands that find, mend and start processes of a running server.
//
// It talks to the server over its HTTP API alone, with httpapi's types, and knows nothing of stores, Redis or the engine. The
// flags are server/config's; a new command is a struct there, a method of session here and a line in commands.
package cli
