// Command reference writes the configuration reference to the file that it is given.
package main

import (
	"fmt"
	"os"

	"github.com/taskurotta/taskurotta-go/server/config"
)

func main() {
	text, err := config.Reference()
	if err == nil {
		err = os.WriteFile(os.Args[1], []byte(text), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
