// A receiver of task webhooks on Go's standard library alone (1.21 or later):
//
//	WEBHOOK_SECRET='correct horse battery staple' go run receiver.go
//
// It prints the port that it listens on, and then each event as JSON.
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	bodyLimit = 65536
	tolerance = 300
)

var events = map[string]bool{
	"OrderCreated": true, "OrderDocumentUpdated": true, "OrderAccepted": true, "OrderSigned": true, "OrderRejected": true,
	"OrderCanceled": true, "OrderExpired": true, "OrderDueDateUpdated": true, "OrderSignersUpdated": true,
	"OrderDescriptionUpdated": true,
}

type event struct {
	TaskID    string `json:"taskId"`
	EventType string `json:"eventType"`
}

type refused struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
}

func (r refused) Error() string { return r.Code }

// A "whsec_" secret is Base64, any other one is its UTF-8 bytes.
func readKey(secret string) ([]byte, error) {
	if secret == "" {
		return nil, errors.New("WEBHOOK_SECRET must be set")
	}
	if rest, ok := strings.CutPrefix(secret, "whsec_"); ok {
		return base64.RawStdEncoding.DecodeString(strings.TrimRight(rest, "="))
	}
	return []byte(secret), nil
}

// 32 bytes in hex, Base64 or Base64url, padded or not, with or without "sha256="; nil for anything else.
func decodeSignature(text string) []byte {
	text = strings.TrimPrefix(text, "sha256=")
	if len(text) == 64 {
		if decoded, err := hex.DecodeString(text); err == nil {
			return decoded
		}
		return nil
	}
	text = strings.TrimSuffix(text, "=")
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if decoded, err := encoding.DecodeString(text); err == nil && len(decoded) == 32 {
			return decoded
		}
	}
	return nil
}

func sum(key []byte, parts ...[]byte) []byte {
	mac := hmac.New(sha256.New, key)
	for _, part := range parts {
		mac.Write(part)
	}
	return mac.Sum(nil)
}

// Refuses a request unless it is signed, and every signature that it has verifies.
func authenticate(key []byte, headers http.Header, body []byte, now int64) error {
	plain := headers.Values("x-signature")
	id, timestamp, standard := headers.Get("webhook-id"), headers.Get("webhook-timestamp"), headers.Get("webhook-signature")
	if standard == "" && (len(plain) == 0 || id != "" || timestamp != "") {
		return refused{401, "signature_missing"}
	}
	if standard != "" && timestamp == "" {
		return refused{401, "timestamp_missing"}
	}
	if standard != "" && id == "" {
		return refused{401, "signature_malformed"}
	}
	if len(plain) > 0 {
		var signature []byte
		if len(plain) == 1 {
			signature = decodeSignature(plain[0])
		}
		if signature == nil {
			return refused{401, "signature_malformed"}
		}
		if !hmac.Equal(sum(key, body), signature) {
			return refused{401, "signature_mismatch"}
		}
	}
	if standard == "" {
		return nil
	}
	expected := []byte(base64.StdEncoding.EncodeToString(sum(key, []byte(id+"."+timestamp+"."), body)))
	matches, readable := false, false
	for _, entry := range strings.Split(standard, " ") {
		version, value, comma := strings.Cut(entry, ",")
		readable = readable || comma
		// Each is compared in constant time, and none is left out.
		if version == "v1" && hmac.Equal(expected, []byte(value)) {
			matches = true
		}
	}
	if !readable {
		return refused{401, "signature_malformed"}
	}
	if !matches {
		return refused{401, "signature_mismatch"}
	}
	sent, err := strconv.ParseUint(timestamp, 10, 40)
	if err != nil {
		return refused{401, "timestamp_missing"}
	}
	if difference := now - int64(sent); difference > tolerance || difference < -tolerance {
		return refused{401, "timestamp_out_of_tolerance"}
	}
	return nil
}

// The event of an authentic body; nil for an event type that is not known here.
func readEvent(body []byte) (*event, error) {
	if len(body) == 0 {
		return nil, refused{400, "body_empty"}
	}
	body = bytes.TrimPrefix(body, []byte("\ufeff"))
	if !utf8.Valid(body) || !json.Valid(body) {
		return nil, refused{400, "body_not_json"}
	}
	var payload struct {
		TaskID    *string `json:"taskId"`
		OrderID   *string `json:"orderId"`
		EventType *string `json:"eventType"`
	}
	var names map[string]json.RawMessage
	if json.Unmarshal(body, &payload) != nil || json.Unmarshal(body, &names) != nil || payload.EventType == nil {
		return nil, refused{400, "payload_invalid"}
	}
	var task *string
	for name, value := range map[string]*string{"taskId": payload.TaskID, "orderId": payload.OrderID} {
		if _, present := names[name]; !present {
			continue
		}
		if value == nil || !isID(*value) {
			return nil, refused{400, "payload_invalid"}
		}
		if task != nil && *task != *value {
			return nil, refused{400, "task_id_mismatch"}
		}
		task = value
	}
	if task == nil {
		return nil, refused{400, "payload_invalid"}
	}
	if !events[*payload.EventType] {
		return nil, nil
	}
	return &event{*task, *payload.EventType}, nil
}

// Ids are counted as JavaScript counts them, in units of UTF-16.
func isID(text string) bool {
	length := len(utf16.Encode([]rune(text)))
	return length >= 1 && length <= 255 && strings.IndexFunc(text, unicode.IsControl) == -1
}

func receive(key []byte, request *http.Request) error {
	body, err := io.ReadAll(io.LimitReader(request.Body, bodyLimit+1))
	if err != nil {
		return refused{400, "body_unreadable"}
	}
	if len(body) > bodyLimit {
		return refused{413, "body_too_large"}
	}
	if err := authenticate(key, request.Header, body, time.Now().Unix()); err != nil {
		return err
	}
	if kind, _, err := mime.ParseMediaType(request.Header.Get("content-type")); err != nil || kind != "application/json" {
		return refused{415, "content_type_unsupported"}
	}
	event, err := readEvent(body)
	if err != nil || event == nil {
		return err
	}
	// Handle it here, or store it and handle it later: what is answered 2xx does not come again.
	return json.NewEncoder(os.Stdout).Encode(event)
}

func main() {
	key, err := readKey(os.Getenv("WEBHOOK_SECRET"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	http.HandleFunc("POST /automation", func(writer http.ResponseWriter, request *http.Request) {
		err := receive(key, request)
		var refusal refused
		switch {
		case err == nil:
			writer.WriteHeader(http.StatusNoContent)
		case errors.As(err, &refusal):
			writer.Header().Set("content-type", "application/problem+json")
			writer.WriteHeader(refusal.Status)
			_ = json.NewEncoder(writer).Encode(refusal)
		default:
			writer.WriteHeader(http.StatusInternalServerError)
		}
	})
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	server := &http.Server{ReadTimeout: 30 * time.Second}
	_ = server.Serve(listener)
}
