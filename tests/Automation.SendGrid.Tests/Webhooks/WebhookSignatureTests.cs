using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Xunit.Abstractions;

namespace Automation.SendGrid.Tests.Webhooks;

public sealed class WebhookSignatureTests(ITestOutputHelper output) : IDisposable
{
    private const string Timestamp = "1767225610";
    private static readonly byte[] Body = "[{\"event\":\"open\"}]\r\n"u8.ToArray();
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private WebhookKey Trusted => KeyOf(_key);

    public void Dispose() => _key.Dispose();

    [Fact]
    public void Every_recorded_post_is_taken_or_turned_away_as_recorded()
    {
        if (SharedFiles.Folder("sendgrid/samples/webhook") is not { } folder) return;
        WebhookKey[] keys = [WebhookKey.Parse(WebhookSample.PublicKey(folder))];
        var samples = WebhookSample.All(folder);
        foreach (var sample in samples)
        {
            var check = WebhookSignature.Verify(keys, sample.Timestamp, sample.Signature, sample.Body);
            Assert.True(sample.IsTaken == (check is SignatureCheck.Valid), $"{sample.File}: {check}");
        }

        output.WriteLine($"{samples.Count} recorded posts");
        Assert.Equal(WebhookSample.Expected, samples.Count);
    }

    [Fact]
    public void Every_official_vector_behaves()
    {
        if (SharedFiles.Folder("sendgrid/samples/webhook") is not { } folder) return;
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "official-vectors.json")));
        var vectors = file.RootElement.GetProperty("vectors");
        foreach (var vector in vectors.EnumerateArray())
        {
            string Text(string name) => vector.GetProperty(name).GetString()!;
            var body = Encoding.UTF8.GetBytes(Text("body"));
            var check = WebhookSignature.Verify([WebhookKey.Parse(Text("public_key"))], Text("timestamp"), Text("signature"), body);
            Assert.True(vector.GetProperty("valid").GetBoolean() == (check is SignatureCheck.Valid), $"{Text("name")}: {check}");
        }

        output.WriteLine($"{vectors.GetArrayLength()} official vectors");
        Assert.Equal(7, vectors.GetArrayLength());
    }

    [Fact]
    public void What_was_signed_verifies_and_one_changed_byte_does_not()
    {
        var signature = WebhookSignature.Sign(_key, Timestamp, Body);
        Assert.Equal(SignatureCheck.Valid, WebhookSignature.Verify([Trusted], Timestamp, signature, Body));
        for (var at = 1; at < Body.Length; at++)
        {
            var changed = (byte[])Body.Clone();
            changed[at] ^= 1;
            Assert.Equal(SignatureCheck.Wrong, WebhookSignature.Verify([Trusted], Timestamp, signature, changed));
        }
    }

    [Theory]
    [InlineData(null, "x")]
    [InlineData("", "x")]
    [InlineData(Timestamp, null)]
    [InlineData(Timestamp, "")]
    public void A_post_without_a_header_is_named_so(string? timestamp, string? signature) =>
        Assert.Equal(SignatureCheck.Missing, WebhookSignature.Verify([Trusted], timestamp, signature, Body));

    [Theory]
    [InlineData("17672256")]
    [InlineData("17672256100")]
    [InlineData("0767225610")]
    [InlineData(" 767225610")]
    [InlineData("+767225610")]
    [InlineData("１７６７２２５６１０")]
    public void A_timestamp_is_9_or_10_digits_without_a_leading_zero(string timestamp)
    {
        var signature = WebhookSignature.Sign(_key, timestamp, Body);
        Assert.Equal(SignatureCheck.Malformed, WebhookSignature.Verify([Trusted], timestamp, signature, Body));
    }

    [Fact]
    public void A_nine_digit_timestamp_of_old_data_is_taken()
    {
        var signature = WebhookSignature.Sign(_key, "915148800", Body);
        Assert.Equal(SignatureCheck.Valid, WebhookSignature.Verify([Trusted], "915148800", signature, Body));
    }

    [Fact]
    public void A_digit_moved_from_the_timestamp_into_the_body_is_turned_away()
    {
        var signature = WebhookSignature.Sign(_key, Timestamp, Body);
        byte[] moved = [(byte)Timestamp[^1], .. Body];
        Assert.Equal(SignatureCheck.Malformed, WebhookSignature.Verify([Trusted], Timestamp[..^1], signature, moved));
    }

    [Fact]
    public void A_body_moved_into_the_timestamp_is_turned_away()
    {
        byte[] digitsFirst = [(byte)'1', .. Body];
        var signature = WebhookSignature.Sign(_key, Timestamp[..9], digitsFirst);
        Assert.Equal(SignatureCheck.Malformed, WebhookSignature.Verify([Trusted], Timestamp[..9], signature, digitsFirst));
    }

    [Fact]
    public void The_same_post_verifies_under_a_second_signature_so_signatures_identify_nothing()
    {
        var first = WebhookSignature.Sign(_key, Timestamp, Body);
        var second = Mirrored(Convert.FromBase64String(first));
        Assert.NotEqual(first, second);
        Assert.Equal(SignatureCheck.Valid, WebhookSignature.Verify([Trusted], Timestamp, second, Body));
    }

    [Fact]
    public void While_a_key_is_replaced_either_may_have_signed()
    {
        using var next = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var signature = WebhookSignature.Sign(next, Timestamp, Body);
        Assert.Equal(SignatureCheck.Valid, WebhookSignature.Verify([Trusted, KeyOf(next)], Timestamp, signature, Body));
        Assert.Equal(SignatureCheck.Wrong, WebhookSignature.Verify([Trusted], Timestamp, signature, Body));
        Assert.Equal(SignatureCheck.Wrong, WebhookSignature.Verify([], Timestamp, signature, Body));
    }

    [Fact]
    public void Garbage_for_a_signature_is_an_answer_not_an_exception()
    {
        var random = new Random(1);
        for (var length = 0; length < 300; length++)
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            var check = WebhookSignature.Verify([Trusted], Timestamp, Convert.ToBase64String(bytes) + "=", Body);
            Assert.NotEqual(SignatureCheck.Valid, check);
            check = WebhookSignature.Verify([Trusted], Timestamp, Convert.ToBase64String([0x30, (byte)length, .. bytes]), Body);
            Assert.NotEqual(SignatureCheck.Valid, check);
        }
    }

    [Fact]
    public void Only_a_P256_public_key_is_taken()
    {
        using var larger = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var other = RSA.Create(2048);
        Assert.False(WebhookKey.TryParse(Convert.ToBase64String(larger.ExportSubjectPublicKeyInfo()), out _));
        Assert.False(WebhookKey.TryParse(Convert.ToBase64String(other.ExportSubjectPublicKeyInfo()), out _));
        Assert.False(WebhookKey.TryParse("not base64", out _));
        Assert.False(WebhookKey.TryParse("", out _));
        Assert.Throws<FormatException>(() => WebhookKey.Parse("AAAA"));
    }

    [Fact]
    public void One_key_verifies_on_many_threads_at_once()
    {
        var trusted = Trusted;
        var signature = WebhookSignature.Sign(_key, Timestamp, Body);
        var checks = Enumerable.Range(0, 200).AsParallel().WithDegreeOfParallelism(8)
            .Select(_ => WebhookSignature.Verify([trusted], Timestamp, signature, Body)).ToArray();
        Assert.All(checks, check => Assert.Equal(SignatureCheck.Valid, check));
    }

    private static WebhookKey KeyOf(ECDsa key) => WebhookKey.Parse(Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()));

    // (r, s) to (r, n - s), both DER integers without their lengths' long form.
    private static string Mirrored(byte[] der)
    {
        var order = BigInteger.Parse("0FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", System.Globalization.NumberStyles.HexNumber);
        var rLength = der[3];
        var s = new BigInteger(der.AsSpan(6 + rLength, der[5 + rLength]), isUnsigned: true, isBigEndian: true);
        var mirrored = (order - s).ToByteArray(isUnsigned: false, isBigEndian: true);
        byte[] result = [0x30, (byte)(4 + rLength + mirrored.Length), .. der.AsSpan(2, 2 + rLength), 0x02, (byte)mirrored.Length, .. mirrored];
        return Convert.ToBase64String(result);
    }
}
