namespace Automation.SendGrid;

/// <summary>Whether a text has the shape of an address that SendGrid takes.</summary>
public static class AddressSyntax
{
    private const string LocalSpecials = "!#$%&'*+-/=?^_`{|}~.";

    /// <summary>
    /// RFC 5321 dot-string or quoted string before the at sign, an ASCII host name with a dot after it.
    /// Quoted is how the Japanese carriers' old addresses with doubled or closing dots are written.
    /// </summary>
    public static bool IsPlausible(ReadOnlySpan<char> text)
    {
        var at = text.LastIndexOf('@');
        return at > 0 && IsLocal(text[..at]) && IsHost(text[(at + 1)..]);
    }

    private static bool IsLocal(ReadOnlySpan<char> local)
    {
        if (local[0] == '"') return IsQuoted(local);
        if (local[0] == '.' || local[^1] == '.' || local.Contains("..", StringComparison.Ordinal)) return false;
        foreach (var letter in local)
            if (!char.IsAsciiLetterOrDigit(letter) && !LocalSpecials.Contains(letter)) return false;
        return true;
    }

    private static bool IsQuoted(ReadOnlySpan<char> local)
    {
        if (local.Length < 3 || local[^1] != '"') return false;
        foreach (var letter in local[1..^1])
            if (letter is < ' ' or > '~' or '"' or '\\') return false;
        return true;
    }

    private static bool IsHost(ReadOnlySpan<char> host)
    {
        if (!host.Contains('.')) return false;
        foreach (var range in host.Split('.'))
            if (!IsLabel(host[range])) return false;
        return true;
    }

    private static bool IsLabel(ReadOnlySpan<char> label)
    {
        if (label.Length is 0 or > 63 || label[0] == '-' || label[^1] == '-') return false;
        foreach (var letter in label)
            if (!char.IsAsciiLetterOrDigit(letter) && letter != '-') return false;
        return true;
    }
}
