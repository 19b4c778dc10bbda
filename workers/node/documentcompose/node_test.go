package documentcompose_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/taskurotta/taskurotta-go/workers/node/documentcompose"
	"github.com/taskurotta/taskurotta-go/workers/node/documentinspect"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/sdk/sdktest"
)

func TestMain(m *testing.M) {
	documentinspect.RunChild()
	os.Exit(m.Run())
}

func extract(name string) documentcompose.Input {
	return documentcompose.Input{
		Name: name, Title: "Выписка из реестра прав", Language: "ru", Footer: "Заявление 2026-1",
		Sections: []documentcompose.Section{
			{Title: "Объект", Rows: []documentcompose.Row{{Label: "Кадастровый номер", Value: "77:01:0001001:12"}}},
			{Title: "Право", Text: "Собственность\nИванов Иван"},
		},
	}
}

func TestItMakesADocumentThatIsInOrder(t *testing.T) {
	t.Parallel()
	host := &sdktest.Host{}
	out, err := sdktest.Call[documentcompose.Output](t, documentcompose.Node, host, extract("выписка"))
	require.NoError(t, err)
	require.Equal(t, "выписка.pdf", out.File.Name)
	seen, err := sdktest.Call[documentinspect.Output](t, documentinspect.Node, host, documentinspect.Input{File: out.File, Accept: []string{"application/pdf"}})
	require.NoError(t, err)
	require.True(t, seen.Valid, "%v", seen.Problems)
	require.Equal(t, 1, seen.Pages)

	again, err := sdktest.Call[documentcompose.Output](t, documentcompose.Node, host, extract("выписка.pdf"))
	require.NoError(t, err)
	content := func(file sdk.File) []byte {
		opened, err := host.Open(context.Background(), file)
		require.NoError(t, err)
		defer opened.Close()
		raw, err := io.ReadAll(opened)
		require.NoError(t, err)
		return raw
	}
	require.True(t, bytes.Equal(content(out.File), content(again.File)), "the same input makes the same bytes")
	other := extract("выписка")
	other.Sections[1].Text = "Собственность\nПетров Пётр"
	third, err := sdktest.Call[documentcompose.Output](t, documentcompose.Node, host, other)
	require.NoError(t, err)
	require.False(t, bytes.Equal(content(out.File), content(third.File)))
}

func TestWhatItCannotMakeIsAnIncidentAtOnce(t *testing.T) {
	t.Parallel()
	long := extract("long")
	long.Sections[1].Text = strings.Repeat("word ", 40_000)
	for code, in := range map[string]documentcompose.Input{documentcompose.CodeTooLong: long, documentcompose.CodeName: extract("../up.pdf")} {
		_, err := sdktest.Call[documentcompose.Output](t, documentcompose.Node, &sdktest.Host{}, in)
		var failed *sdk.Error
		require.True(t, errors.As(err, &failed), "%v", err)
		require.Equal(t, code, failed.Code)
	}
}
