// A receiver of task webhooks on ASP.NET Core (.NET 8 or later): the Program.cs of `dotnet new web`.
//
//     WEBHOOK_SECRET='correct horse battery staple' dotnet run
//
// It prints each event.

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

const int BodyLimit = 65536;
const long ToleranceInSeconds = 300;
string[] events =
[
    "OrderCreated", "OrderDocumentUpdated", "OrderAccepted", "OrderSigned", "OrderRejected", "OrderCanceled",
    "OrderExpired", "OrderDueDateUpdated", "OrderSignersUpdated", "OrderDescriptionUpdated",
];

var secret = Environment.GetEnvironmentVariable("WEBHOOK_SECRET")
    ?? throw new InvalidOperationException("WEBHOOK_SECRET must be set");
// A "whsec_" secret is Base64, any other one is its UTF-8 bytes.
var key = secret.StartsWith("whsec_") ? Convert.FromBase64String(secret[6..]) : Encoding.UTF8.GetBytes(secret);

var app = WebApplication.CreateBuilder(args).Build();
app.MapPost("/automation", async (HttpRequest request) =>
{
    try
    {
        var body = await ReadBody(request);
        Authenticate(request.Headers, body, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        if (!request.HasJsonContentType()) throw new Refused(415, "content_type_unsupported");
        // Handle it here, or store it and handle it later: what is answered 2xx does not come again.
        if (ReadEvent(body) is var (taskId, eventType)) Console.WriteLine($"{eventType} {taskId}");
        return Results.NoContent();
    }
    catch (Refused refused)
    {
        return Results.Problem(statusCode: refused.Status, extensions: new Dictionary<string, object?> { ["code"] = refused.Code });
    }
});
app.Run();

static async Task<byte[]> ReadBody(HttpRequest request)
{
    using var body = new MemoryStream();
    var buffer = new byte[8192];
    for (int read; (read = await request.Body.ReadAsync(buffer)) > 0;)
    {
        body.Write(buffer, 0, read);
        if (body.Length > BodyLimit) throw new Refused(413, "body_too_large");
    }
    return body.ToArray();
}

// Refuses a request unless it is signed, and every signature that it has verifies.
void Authenticate(IHeaderDictionary headers, byte[] body, long now)
{
    var plain = headers["x-signature"];
    string? id = headers["webhook-id"], timestamp = headers["webhook-timestamp"], standard = headers["webhook-signature"];
    if (standard is null && (plain.Count == 0 || id is not null || timestamp is not null)) throw new Refused(401, "signature_missing");
    if (standard is not null && timestamp is null) throw new Refused(401, "timestamp_missing");
    if (standard is not null && string.IsNullOrEmpty(id)) throw new Refused(401, "signature_malformed");

    if (plain.Count > 0)
    {
        var signature = plain.Count == 1 ? DecodeSignature(plain[0]!) : null;
        if (signature is null) throw new Refused(401, "signature_malformed");
        if (!CryptographicOperations.FixedTimeEquals(HMACSHA256.HashData(key, body), signature)) throw new Refused(401, "signature_mismatch");
    }
    if (standard is null) return;

    byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body];
    var expected = Encoding.ASCII.GetBytes(Convert.ToBase64String(HMACSHA256.HashData(key, signed)));
    var matches = false;
    var entries = standard.Split(' ');
    foreach (var entry in entries.Where(entry => entry.StartsWith("v1,")))
    {
        // Each is compared in constant time, and none is left out.
        matches |= CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(entry[3..]));
    }
    if (!entries.Any(entry => entry.Contains(','))) throw new Refused(401, "signature_malformed");
    if (!matches) throw new Refused(401, "signature_mismatch");
    if (!Regex.IsMatch(timestamp!, "^[0-9]{1,12}$")) throw new Refused(401, "timestamp_missing");
    if (Math.Abs(now - long.Parse(timestamp!)) > ToleranceInSeconds) throw new Refused(401, "timestamp_out_of_tolerance");
}

// 32 bytes in hex, Base64 or Base64url, padded or not, with or without "sha256="; null for anything else.
static byte[]? DecodeSignature(string header)
{
    var text = header.StartsWith("sha256=") ? header[7..] : header;
    if (Regex.IsMatch(text, "^[0-9a-fA-F]{64}$")) return Convert.FromHexString(text);
    return Regex.IsMatch(text, "^([A-Za-z0-9+/]{43}|[A-Za-z0-9_-]{43})=?$")
        ? Convert.FromBase64String(text.TrimEnd('=').Replace('-', '+').Replace('_', '/') + "=")
        : null;
}

// The event of an authentic body; null for an event type that is not known here.
(string TaskId, string EventType)? ReadEvent(byte[] body)
{
    if (body.Length == 0) throw new Refused(400, "body_empty");
    JsonElement payload;
    try
    {
        var text = new UTF8Encoding(false, true).GetString(body);
        payload = JsonDocument.Parse(text.StartsWith('\uFEFF') ? text[1..] : text).RootElement;
    }
    catch (Exception error) when (error is JsonException or DecoderFallbackException)
    {
        throw new Refused(400, "body_not_json");
    }
    if (payload.ValueKind != JsonValueKind.Object) throw new Refused(400, "payload_invalid");
    string? taskId = ReadId(payload, "taskId"), orderId = ReadId(payload, "orderId");
    var hasType = payload.TryGetProperty("eventType", out var type) && type.ValueKind == JsonValueKind.String;
    if (!hasType || (taskId ?? orderId) is not { } id) throw new Refused(400, "payload_invalid");
    if (taskId is not null && orderId is not null && taskId != orderId) throw new Refused(400, "task_id_mismatch");
    return events.Contains(type.GetString()) ? (id, type.GetString()!) : null;
}

static string? ReadId(JsonElement payload, string name)
{
    if (!payload.TryGetProperty(name, out var value)) return null;
    var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
    return text.Length is >= 1 and <= 255 && !text.Any(char.IsControl) ? text : throw new Refused(400, "payload_invalid");
}

internal sealed class Refused(int status, string code) : Exception(code)
{
    public int Status { get; } = status;
    public string Code { get; } = code;
}
