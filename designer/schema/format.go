package schema

import (
	"errors"
	"regexp"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// formats are the product's own: a reference to a stored file, and an exact decimal number as a text.
var formats = []*jsonschema.Format{
	{Name: "file", Validate: checkFile},
	{Name: "decimal", Validate: checkDecimal},
}

var decimalNumber = regexp.MustCompile(`^-?[0-9]{1,48}(\.[0-9]{1,30})?$`)

// checkFile holds an object to {"$file":"sha256:…", "name", "size", "media_type"}.
func checkFile(value any) error {
	file, ok := value.(map[string]any)
	if !ok {
		return nil // another keyword says which types are allowed
	}
	address, ok := file["$file"].(string)
	if !ok || !contentAddress.MatchString(address) {
		return errors.New(`it has no "$file" with a content address`)
	}
	return nil
}

func checkDecimal(value any) error {
	text, ok := value.(string)
	if ok && !decimalNumber.MatchString(text) {
		return errors.New("it is not a decimal number")
	}
	return nil
}
