// Package bussend is the node bus.send: one message to an enterprise bus, acknowledged before the task ends.
//
// It imports the sdk, bus and xmldoc, and no other package of the product.
package bussend

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/taskurotta/taskurotta-go/workers/bus"
	"github.com/taskurotta/taskurotta-go/workers/outbound"
	"github.com/taskurotta/taskurotta-go/workers/sdk"
	"github.com/taskurotta/taskurotta-go/workers/xmldoc"
)

// Config of the node.
type Config struct {
	Buses   map[string]string // URLs by name; the node takes "default" unless told otherwise
	ReplyTo string            // where answers go, for the sender's address and messages that do not say it
	From    string            // the sender's name; default taskurotta
}

// Codes of the node's errors. A refusal with a subcode is of the family: BUS_REFUSED.NotFound.
const (
	CodeRefused     = "BUS_REFUSED"         // business: the receiver won't take this message
	CodeUnknown     = "BUS_UNKNOWN"         // permanent: the worker knows no such bus
	CodeMessage     = "BUS_MESSAGE_INVALID" // permanent: the message can't be written
	CodeUnavailable = "BUS_UNAVAILABLE"     // retried: no acknowledgement came
)

// Element is one element of a payload.
type Element struct {
	Name  string          `json:"name" title:"Name" title_ru:"Имя" doc:"An element; @name is an attribute of the root." doc_ru:"Элемент; @имя — атрибут корня."`
	Value json.RawMessage `json:"value" title:"Value" title_ru:"Значение"`
}

// Payload is a document to be written from values.
type Payload struct {
	Root      string    `json:"root" title:"Root element" title_ru:"Корневой элемент" jsonschema:"minLength=1,maxLength=200"`
	Namespace string    `json:"namespace,omitempty" title:"Namespace" title_ru:"Пространство имён" jsonschema:"maxLength=500"`
	Elements  []Element `json:"elements,omitempty" title:"Elements" title_ru:"Элементы" jsonschema:"maxItems=500"`
}

// Input of the node. Exactly one of Payload, XML and File is what is sent.
type Input struct {
	Bus         string     `json:"bus,omitempty" title:"Bus" title_ru:"Шина" doc:"Name of a bus of the worker; default: default." doc_ru:"Имя шины обработчика; по умолчанию default." jsonschema:"maxLength=63"`
	Action      string     `json:"action" title:"Action" title_ru:"Действие" doc:"What the message is about; its receiver knows it by this name." doc_ru:"О чём сообщение; под этим именем его знает получатель." jsonschema:"minLength=1,maxLength=500"`
	To          string     `json:"to,omitempty" title:"To" title_ru:"Кому" jsonschema:"maxLength=500"`
	Payload     *Payload   `json:"payload,omitempty" title:"Payload" title_ru:"Содержание"`
	XML         string     `json:"xml,omitempty" title:"Payload as XML" title_ru:"Содержание в XML"`
	File        *sdk.File  `json:"file,omitempty" title:"Payload from a file" title_ru:"Содержание из файла"`
	Attachments []sdk.File `json:"attachments,omitempty" title:"Files" title_ru:"Файлы" jsonschema:"maxItems=200"`
	Key         string     `json:"key,omitempty" title:"Correlation key" title_ru:"Ключ связи" doc:"Comes back with the answer; the step that waits for it has the same key." doc_ru:"Возвращается с ответом; шаг, который его ждёт, имеет тот же ключ." jsonschema:"maxLength=500"`
	RelatesTo   string     `json:"relates_to,omitempty" title:"Answers to" title_ru:"Ответ на" doc:"Id of the message that this one answers." doc_ru:"Идентификатор сообщения, на которое это отвечает." jsonschema:"maxLength=500"`
	MessageID   string     `json:"message_id,omitempty" title:"Message id" title_ru:"Идентификатор сообщения" doc:"Default: one that is the same for every attempt of the task, so that the bus takes it once." doc_ru:"По умолчанию: одинаковый для всех попыток задачи, так что шина примет его один раз." jsonschema:"maxLength=200"`
	ReplyTo     string     `json:"reply_to,omitempty" title:"Answer to" title_ru:"Ответить на адрес" jsonschema:"maxLength=1000"`
	Format      string     `json:"format,omitempty" title:"Format" title_ru:"Формат" jsonschema:"enum=soap,enum=xml,default=soap"`
	Secret      string     `json:"secret,omitempty" title:"Token of the bus" title_ru:"Токен шины" doc:"secret://name; sent as a bearer token." doc_ru:"secret://имя; отправляется как bearer-токен." jsonschema:"pattern=^secret://"`
}

// Output of the node: the message was acknowledged.
type Output struct {
	MessageID string `json:"message_id" title:"Message id" title_ru:"Идентификатор сообщения"`
	Status    int    `json:"status" title:"HTTP status" title_ru:"Код HTTP"`
}

// Node returns bus.send@1 for the buses of a worker. An address that is none is an error.
func Node(config Config) (sdk.Node, error) {
	for name, address := range config.Buses {
		if at, err := url.Parse(address); err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https" {
			return sdk.Node{}, fmt.Errorf("the bus %s has an address that is no http or https URL", name)
		}
	}
	if config.From == "" {
		config.From = "taskurotta"
	}
	s := &sender{config: config, client: &http.Client{
		Timeout:       2 * time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	return sdk.Define("bus.send", 1, s.send,
		sdk.Title("Send to the bus", "Отправить в шину"),
		sdk.Doc("Sends one message, SOAP 1.2 or plain XML, and waits for its acknowledgement. An answer comes later, as a message that a *message* event waits for. A refusal is `BUS_REFUSED`; what may pass is retried with the same message id.",
			"Отправляет одно сообщение, SOAP 1.2 или XML, и ждёт подтверждения. Ответ придёт позже — сообщением, которого ждёт событие «сообщение». Отказ — `BUS_REFUSED`; временный сбой повторяется с тем же идентификатором."),
		sdk.Category("Communication", "Связь"), sdk.Icon("bus-stop"), sdk.SideEffects(),
		sdk.Answers(CodeRefused, "The receiver refused the message", "Получатель отказался принять сообщение"),
	), nil
}

type sender struct {
	config Config
	client *http.Client
}

func permanent(code string, err error) error { return sdk.Permanent(sdk.Failure(code, err)) }

func (s *sender) send(ctx context.Context, in Input) (Output, error) {
	name := in.Bus
	if name == "" {
		name = "default"
	}
	address, known := s.config.Buses[name]
	if !known {
		return Output{}, permanent(CodeUnknown, fmt.Errorf("this worker knows no bus %q; TASKUROTTA_BUS names them", name))
	}
	message, encoded, err := s.encode(ctx, in)
	if err != nil {
		return Output{}, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	reader, writer := io.Pipe()
	go func() { _ = writer.CloseWithError(encoded.Write(writer)) }()
	defer func() { _ = reader.Close() }() // ends the writer when the request did not read everything
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, reader)
	if err != nil {
		return Output{}, permanent(CodeUnknown, errors.New("the address of the bus is none"))
	}
	request.ContentLength = encoded.Size()
	request.Header.Set("Content-Type", encoded.ContentType)
	for header, value := range encoded.Header {
		request.Header.Set(header, value)
	}
	if in.Secret != "" {
		token, err := sdk.Secret(ctx, in.Secret)
		if err != nil {
			return Output{}, err
		}
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := s.client.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return Output{}, context.Cause(ctx)
		}
		return Output{}, sdk.Failure(CodeUnavailable, fmt.Errorf("bus %s: %w", name, outbound.Plain(err)))
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return Output{}, sdk.Failure(CodeUnavailable, fmt.Errorf("the acknowledgement broke off: %w", err))
	}
	sdk.Log(ctx, "%s %s to bus %s answered %d", message.Action, message.ID, name, response.StatusCode)
	if err := judge(response, answer); err != nil {
		return Output{}, err
	}
	return Output{MessageID: message.ID, Status: response.StatusCode}, nil
}

// judge reads what the bus said. Whoever says 2xx without a fault has the message.
func judge(response *http.Response, answer []byte) error {
	status := response.StatusCode
	found := bus.FaultIn(response.Header.Get("Content-Type"), answer)
	switch {
	case found == nil && status >= 200 && status < 300:
		return nil
	case found == nil:
		found = &bus.Fault{Code: bus.Receiver, Reason: fmt.Sprintf("%d %s", status, http.StatusText(status))}
		if status >= 400 && status < 500 && status != http.StatusRequestTimeout && status != http.StatusTooManyRequests {
			return permanent(CodeMessage, fmt.Errorf("the bus answered %d", status))
		}
	}
	if found.Code == bus.Receiver {
		return sdk.Failure(CodeUnavailable, errors.New(found.Error()))
	}
	code := CodeRefused
	if found.Subcode != "" {
		code += "." + found.Subcode
	}
	return sdk.Business(code, found.Reason)
}

// encode makes the message of an input.
func (s *sender) encode(ctx context.Context, in Input) (*bus.Message, *bus.Encoded, error) {
	message := &bus.Message{
		ID: in.MessageID, RelatesTo: in.RelatesTo, Action: in.Action, From: s.config.From, To: in.To, ReplyTo: in.ReplyTo, Key: in.Key,
	}
	if message.ID == "" {
		message.ID = "taskurotta:" + sdk.IdempotencyKey(ctx)
	}
	if message.ReplyTo == "" {
		message.ReplyTo = s.config.ReplyTo
	}
	var err error
	if message.Payload, err = payload(ctx, in); err != nil {
		return nil, nil, err
	}
	attachments := make([]bus.Attachment, len(in.Attachments))
	for i, file := range in.Attachments {
		attachments[i] = bus.Attachment{Name: file.Name, MediaType: file.MediaType, Open: func() (io.ReadCloser, error) { return sdk.Open(ctx, file) }}
	}
	format := bus.SOAP
	if in.Format == string(bus.Plain) {
		format = bus.Plain
	}
	encoded, err := message.Encode(format, attachments...)
	if err != nil {
		return nil, nil, permanent(CodeMessage, err)
	}
	return message, encoded, nil
}

func payload(ctx context.Context, in Input) ([]byte, error) {
	kinds := 0
	for _, given := range []bool{in.Payload != nil, in.XML != "", in.File != nil} {
		if given {
			kinds++
		}
	}
	if kinds != 1 {
		return nil, permanent(CodeMessage, errors.New("a message has exactly one payload: elements, XML or a file"))
	}
	switch {
	case in.XML != "":
		return []byte(in.XML), nil
	case in.File != nil:
		content, err := sdk.Open(ctx, *in.File)
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", in.File.Name, err)
		}
		defer content.Close()
		raw, err := io.ReadAll(io.LimitReader(content, bus.MaxRoot+1))
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", in.File.Name, err)
		}
		if len(raw) > bus.MaxRoot {
			return nil, permanent(CodeMessage, fmt.Errorf("%s is larger than %d MiB; attach it as a file", in.File.Name, bus.MaxRoot>>20))
		}
		return raw, nil
	default:
		return written(*in.Payload)
	}
}

func written(p Payload) ([]byte, error) {
	fields := make([]xmldoc.Field, len(p.Elements))
	for i, element := range p.Elements {
		fields[i].Name = strings.TrimSpace(element.Name)
		decoder := json.NewDecoder(bytes.NewReader(element.Value))
		decoder.UseNumber()
		if err := decoder.Decode(&fields[i].Value); err != nil {
			return nil, permanent(CodeMessage, fmt.Errorf("the value of %s is none", element.Name))
		}
	}
	text, err := xmldoc.Write(p.Root, p.Namespace, fields)
	if err != nil {
		return nil, permanent(CodeMessage, err)
	}
	return []byte(text), nil
}
