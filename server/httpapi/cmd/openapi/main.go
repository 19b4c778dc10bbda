// Command openapi prints the API's OpenAPI document; `go generate ./server/httpapi` writes it to frontend/openapi.json, from
// which the web app's types are generated.
package main

import (
	"fmt"
	"os"

	"github.com/taskurotta/taskurotta-go/server/httpapi"
)

func main() {
	document, err := httpapi.OpenAPI()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	if len(os.Args) > 1 {
		err = os.WriteFile(os.Args[1], document, 0o644) //nolint:gosec // a source file
	} else {
		_, err = os.Stdout.Write(document)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
