package devstack

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// detached starts a server that does not end with us, as on systems without a death signal, and notes its pid.
func detached(t *testing.T, folder, pidFile string) *exec.Cmd {
	t.Helper()
	program, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("no redis-server here") // the product needs none either: it has one in process
	}
	cmd := exec.CommandContext(t.Context(), program, "--port", "0", "--save", "", "--dir", folder, "--unixsocket", filepath.Join(folder, "s"))
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool {
		_, err := os.Stat(filepath.Join(folder, "s"))
		return err == nil
	}, 10*time.Second, 10*time.Millisecond)
	require.NoError(t, os.WriteFile(pidFile, []byte(strconv.Itoa(cmd.Process.Pid)+"\n"), 0o600))
	return cmd
}

func TestAnOrphanIsStopped(t *testing.T) {
	folder := t.TempDir()
	pidFile := filepath.Join(t.TempDir(), "pid")
	cmd := detached(t, folder, pidFile)
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	stopOrphan(pidFile, folder, syscall.SIGTERM, redisPrograms...)
	require.NoError(t, <-ended)
}

func TestAStrangersProcessIsLeftAlone(t *testing.T) {
	folder, other := t.TempDir(), t.TempDir()
	pidFile := filepath.Join(folder, "pid")
	cmd := detached(t, other, pidFile)
	stopOrphan(pidFile, folder, syscall.SIGTERM, redisPrograms...)
	require.NoError(t, cmd.Process.Signal(syscall.Signal(0)), "a server of another folder")
	stopOrphan(pidFile, other, syscall.SIGTERM, "postgres")
	require.NoError(t, cmd.Process.Signal(syscall.Signal(0)), "another program")
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	for _, broken := range []string{"", "x", "1", "-5", "0"} {
		require.NoError(t, os.WriteFile(pidFile, []byte(broken), 0o600))
		stopOrphan(pidFile, folder, syscall.SIGTERM, redisPrograms...)
	}
}
