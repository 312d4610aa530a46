// A receiver of task webhooks on the JDK alone (17 or later):
//
//     WEBHOOK_SECRET='correct horse battery staple' java Receiver.java
//
// It prints the port that it listens on, and then each authentic body. It verifies who sent the bytes; read them with the JSON
// library of your service.

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public final class Receiver {
    private static final int BODY_LIMIT = 65_536;
    private static final long TOLERANCE_IN_SECONDS = 300;

    private final byte[] key;

    private Receiver(String secret) {
        // A "whsec_" secret is Base64, any other one is its UTF-8 bytes.
        key = secret.startsWith("whsec_")
                ? Base64.getDecoder().decode(secret.substring(6))
                : secret.getBytes(StandardCharsets.UTF_8);
    }

    public static void main(String[] arguments) throws IOException {
        var receiver = new Receiver(System.getenv("WEBHOOK_SECRET"));
        var port = Integer.parseInt(System.getenv().getOrDefault("PORT", "0"));
        var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext("/automation", receiver::receive);
        server.start();
        System.out.println(server.getAddress().getPort());
    }

    private void receive(HttpExchange exchange) throws IOException {
        try (exchange) {
            try {
                var body = readBody(exchange);
                authenticate(exchange.getRequestHeaders(), body, System.currentTimeMillis() / 1000);
                var contentType = exchange.getRequestHeaders().getFirst("content-type");
                if (contentType == null || !contentType.split(";")[0].strip().equalsIgnoreCase("application/json")) {
                    throw new Refused(415, "content_type_unsupported");
                }
                // Handle it here, or store it and handle it later: what is answered 2xx does not come again.
                System.out.println(new String(body, StandardCharsets.UTF_8));
                exchange.sendResponseHeaders(204, -1);
            } catch (Refused refused) {
                var answer = ("{\"status\":" + refused.status + ",\"code\":\"" + refused.code + "\"}").getBytes();
                exchange.getResponseHeaders().set("content-type", "application/problem+json");
                exchange.sendResponseHeaders(refused.status, answer.length);
                exchange.getResponseBody().write(answer);
            }
        }
    }

    private static byte[] readBody(HttpExchange exchange) throws IOException {
        var body = new ByteArrayOutputStream();
        var buffer = new byte[8192];
        for (int read; (read = exchange.getRequestBody().read(buffer)) != -1; ) {
            body.write(buffer, 0, read);
            if (body.size() > BODY_LIMIT) throw new Refused(413, "body_too_large");
        }
        return body.toByteArray();
    }

    /** Refuses a request unless it is signed, and every signature that it has verifies. */
    private void authenticate(Headers headers, byte[] body, long now) {
        List<String> plain = headers.getOrDefault("x-signature", List.of());
        var id = headers.getFirst("webhook-id");
        var timestamp = headers.getFirst("webhook-timestamp");
        var standard = headers.getFirst("webhook-signature");
        if (standard == null && (plain.isEmpty() || id != null || timestamp != null)) {
            throw new Refused(401, "signature_missing");
        }
        if (standard != null && timestamp == null) throw new Refused(401, "timestamp_missing");
        if (standard != null && (id == null || id.isEmpty())) throw new Refused(401, "signature_malformed");

        if (!plain.isEmpty()) {
            var signature = plain.size() == 1 ? decodeSignature(plain.get(0)) : null;
            if (signature == null) throw new Refused(401, "signature_malformed");
            if (!MessageDigest.isEqual(hmac(body), signature)) throw new Refused(401, "signature_mismatch");
        }
        if (standard != null) verifyStandard(id, timestamp, standard, body, now);
    }

    private void verifyStandard(String id, String timestamp, String header, byte[] body, long now) {
        var prefix = (id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8);
        var expected = Base64.getEncoder().encode(hmac(prefix, body));
        var matches = false;
        var isReadable = false;
        for (var entry : header.split(" ")) {
            isReadable |= entry.contains(",");
            if (!entry.startsWith("v1,")) continue;
            // Each is compared in constant time, and none is left out.
            matches |= MessageDigest.isEqual(expected, entry.substring(3).getBytes(StandardCharsets.UTF_8));
        }
        if (!isReadable) throw new Refused(401, "signature_malformed");
        if (!matches) throw new Refused(401, "signature_mismatch");
        if (!timestamp.matches("[0-9]{1,12}")) throw new Refused(401, "timestamp_missing");
        if (Math.abs(now - Long.parseLong(timestamp)) > TOLERANCE_IN_SECONDS) {
            throw new Refused(401, "timestamp_out_of_tolerance");
        }
    }

    /** 32 bytes in hex, Base64 or Base64url, padded or not, with or without "sha256="; null for anything else. */
    private static byte[] decodeSignature(String header) {
        var text = header.startsWith("sha256=") ? header.substring(7) : header;
        if (text.matches("[0-9a-fA-F]{64}")) return HexFormat.of().parseHex(text.toLowerCase());
        if (text.matches("[A-Za-z0-9+/]{43}=?")) return Base64.getDecoder().decode(text);
        return text.matches("[A-Za-z0-9_-]{43}=?") ? Base64.getUrlDecoder().decode(text) : null;
    }

    private byte[] hmac(byte[]... parts) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            for (var part : parts) mac.update(part);
            return mac.doFinal();
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static final class Refused extends RuntimeException {
        private final int status;
        private final String code;

        Refused(int status, String code) {
            super(code);
            this.status = status;
            this.code = code;
        }
    }
}
