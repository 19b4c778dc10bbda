package devstack

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// pack writes what the npm package looks like: binaries, libraries, and the list of links that npm does not make.
func pack(t *testing.T) string {
	t.Helper()
	native := filepath.Join(t.TempDir(), "native")
	for name, content := range map[string]string{
		"bin/postgres": "program", "lib/libx.so.5.1": "library",
		"pg-symlinks.json": `[{"source":"native/lib/libx.so.5.1","target":"native/lib/libx.so.5"}]`, "../package.json": `{"version":"1"}`,
	} {
		file := filepath.Join(native, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
	}
	return native
}

func TestInstallationIsReadableByTheServersUserAndLinked(t *testing.T) {
	root := t.TempDir()
	install, err := binaries(pack(t), root)
	require.NoError(t, err)
	program, err := os.Stat(filepath.Join(install, "bin", "postgres"))
	require.NoError(t, err)
	require.EqualValues(t, 0o755, program.Mode().Perm())
	library, err := os.ReadFile(filepath.Join(install, "lib", "libx.so.5"))
	require.NoError(t, err)
	require.Equal(t, "library", string(library))
}

func TestAnEarlierInstallationServesWhereThePackageIsGone(t *testing.T) {
	root := t.TempDir()
	install, err := binaries(pack(t), root)
	require.NoError(t, err)
	t.Chdir(t.TempDir())
	again, err := binaries("", root)
	require.NoError(t, err)
	require.Equal(t, install, again)
	_, err = binaries("", t.TempDir())
	require.ErrorContains(t, err, "make setup")
}

func TestACutOffInstallationIsMadeAnew(t *testing.T) {
	root := t.TempDir()
	source := pack(t)
	install, err := binaries(source, root)
	require.NoError(t, err)
	require.NoError(t, os.Rename(install, install+".new")) // killed before it was finished
	require.NoError(t, os.Remove(filepath.Join(install+".new", "lib", "libx.so.5")))
	again, err := binaries(source, root)
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(again, "lib", "libx.so.5"))
}
