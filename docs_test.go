package taskurotta

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	namedTest   = regexp.MustCompile("`(Test\\w+)`")
	writtenTest = regexp.MustCompile(`(?m)^func (Test\w+)\(`)
)

// TestFailuresAreProvedByTestsThatExist holds docs/failures.md to the tests that it names.
func TestFailuresAreProvedByTestsThatExist(t *testing.T) {
	page, err := os.ReadFile("docs/failures.md")
	require.NoError(t, err)
	written := map[string]bool{}
	require.NoError(t, filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == ".git") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		source, err := os.ReadFile(path) //nolint:gosec // a file of this tree
		for _, name := range writtenTest.FindAllSubmatch(source, -1) {
			written[string(name[1])] = true
		}
		return err
	}))
	named := namedTest.FindAllSubmatch(page, -1)
	require.Greater(t, len(named), 20)
	for _, name := range named {
		require.True(t, written[string(name[1])], "there is no test %s", name[1])
	}
}
