using Automation.Templates.Analysis;

namespace Automation.Marketing.Mail.Content.Lint;

/// <summary>A start tag of the HTML that a template prints.</summary>
internal sealed record HtmlTag(string Name, TemplatePlace Place, IReadOnlyList<HtmlAttribute> Attributes)
{
    public HtmlAttribute? Find(string name) => Attributes.FirstOrDefault(attribute => attribute.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}

/// <summary>An attribute, its value in the pieces it is printed in.</summary>
internal sealed record HtmlAttribute(string Name, TemplatePlace Place, IReadOnlyList<HtmlPart> Parts)
{
    /// <summary>Nothing but white space, and no value of the model.</summary>
    public bool IsBlank => Parts.All(part => !part.IsValue && string.IsNullOrWhiteSpace(part.Text));
}

/// <summary>A run of text or one value.</summary>
/// <param name="Text">Empty for a value.</param>
/// <param name="Paths">Of a value: the paths of the model it is made of.</param>
/// <param name="IsFirst">Whether it may be the first thing of its attribute.</param>
internal sealed record HtmlPart(string Text, bool IsValue, TemplatePlace Place, IReadOnlyList<string> Paths, bool IsFirst);

/// <summary>A link with what is seen of it.</summary>
internal sealed class HtmlLink(HtmlTag tag)
{
    public HtmlTag Tag { get; } = tag;

    public List<HtmlPart> Shown { get; } = [];

    public List<HtmlTag> Images { get; } = [];

    public string Text => string.Concat(Shown.Select(part => part.Text));
}

/// <summary>Where a value of the model stands.</summary>
/// <param name="Tag">Empty in running text.</param>
/// <param name="Attribute">Empty in running text.</param>
/// <param name="IsHidden">In a comment, a style, a script or the title.</param>
internal sealed record HtmlPosition(string Tag, string Attribute, bool IsHidden);

/// <summary>The HTML that a template prints, read across its code: tags, links, and what is seen.</summary>
/// <remarks>One pass over the pieces; alternatives are read one after the other. Forgiving, as mail programs are.</remarks>
internal sealed class HtmlReading
{
    private static readonly string[] Hiding = ["style", "script", "title"];

    private readonly List<HtmlTag> tags = [];
    private readonly List<HtmlLink> links = [];
    private readonly List<HtmlPart> shown = [];
    private readonly Dictionary<int, HtmlPosition> positions = [];
    private readonly Stack<bool> starts = new();      // per open branch: whether an attribute's first thing was still to come
    private readonly System.Text.StringBuilder name = new();
    private State state = State.Text;
    private string tagName = "";
    private TemplatePlace? tagPlace;
    private bool isClosing;
    private List<HtmlAttribute> attributes = [];
    private string attributeName = "";
    private TemplatePlace? attributePlace;
    private List<HtmlPart> parts = [];
    private bool isFirst;
    private string hiding = "";
    private HtmlLink? open;

    private HtmlReading()
    {
    }

    private enum State { Text, TagOpen, TagName, InTag, AttributeName, AfterName, BeforeValue, Quoted, SingleQuoted, Unquoted, Comment, Declaration, Hidden }

    public IReadOnlyList<HtmlTag> Tags => tags;

    public IReadOnlyList<HtmlLink> Links => links;

    /// <summary>What is seen, in order.</summary>
    public IReadOnlyList<HtmlPart> Shown => shown;

    /// <summary>Of the piece at this index, a value.</summary>
    public HtmlPosition? PositionOf(int piece) => positions.GetValueOrDefault(piece);

    public static HtmlReading Of(IReadOnlyList<TemplatePiece> pieces)
    {
        var reading = new HtmlReading();
        for (var i = 0; i < pieces.Count; i++) reading.Read(pieces[i], i);
        return reading;
    }

    private bool IsInValue => state is State.Quoted or State.SingleQuoted or State.Unquoted or State.BeforeValue;

    private void Read(TemplatePiece piece, int index)
    {
        switch (piece.Kind)
        {
            case TemplatePieceKind.Text:
                ReadText(piece);
                break;
            case TemplatePieceKind.Value:
                ReadValue(piece, index);
                break;
            case TemplatePieceKind.BranchStart:
                starts.Push(isFirst);
                break;
            case TemplatePieceKind.BranchNext:
                isFirst = starts.Count > 0 && starts.Peek();
                break;
            default:
                if (starts.Count > 0) starts.Pop();
                isFirst = false;
                break;
        }
    }

    private void ReadValue(TemplatePiece piece, int index)
    {
        var isHidden = state is State.Comment or State.Declaration or State.Hidden;
        if (state is State.TagOpen) state = State.Text;      // `<` before a value is a plain sign
        positions[index] = state is State.Text ? new HtmlPosition("", "", IsHidden: false) : new HtmlPosition(tagName, IsInValue ? attributeName : "", isHidden);
        if (state is State.Text)
        {
            Show(new HtmlPart("", IsValue: true, piece.Place, piece.Paths, IsFirst: false));
        }
        else if (IsInValue)
        {
            if (state is State.BeforeValue) state = State.Unquoted;
            AddPart(new HtmlPart("", IsValue: true, piece.Place, piece.Paths, isFirst));
        }
    }

    private void Show(HtmlPart part)
    {
        shown.Add(part);
        open?.Shown.Add(part);
    }

    private void AddPart(HtmlPart part)
    {
        parts.Add(part);
        isFirst = false;
    }

    private void ReadText(TemplatePiece piece)
    {
        var text = piece.Text;
        var at = 0;
        while (at < text.Length)
        {
            at = state switch
            {
                State.Text => ReadShown(piece, text, at),
                State.Comment => SkipPast(text, at, "-->", State.Text),
                State.Declaration => SkipPast(text, at, ">", State.Text),
                State.Hidden => SkipHidden(text, at),
                State.Quoted or State.SingleQuoted or State.Unquoted => ReadAttributeValue(piece, text, at),
                _ => ReadMarkup(piece, text, at),
            };
        }
    }

    private int ReadShown(TemplatePiece piece, string text, int at)
    {
        var end = text.IndexOf('<', at);
        if (end < 0) end = text.Length;
        if (end > at) Show(new HtmlPart(text[at..end], IsValue: false, piece.Place.Slice(at, end - at), [], IsFirst: false));
        if (end == text.Length) return end;
        (state, tagPlace) = (State.TagOpen, piece.Place.Slice(end, text.Length - end));
        return end + 1;
    }

    private int SkipPast(string text, int at, string mark, State then)
    {
        var end = text.IndexOf(mark, at, StringComparison.Ordinal);
        if (end < 0) return text.Length;
        state = then;
        return end + mark.Length;
    }

    private int SkipHidden(string text, int at)
    {
        var end = text.IndexOf("</" + hiding, at, StringComparison.OrdinalIgnoreCase);
        if (end < 0) return text.Length;
        state = State.Text;
        return end;
    }

    private int ReadAttributeValue(TemplatePiece piece, string text, int at)
    {
        var end = state switch
        {
            State.Quoted => text.IndexOf('"', at),
            State.SingleQuoted => text.IndexOf('\'', at),
            _ => text.AsSpan(at).IndexOfAny(" \t\r\n>") is var found and >= 0 ? at + found : -1,
        };
        var stop = end < 0 ? text.Length : end;
        if (stop > at) AddPart(new HtmlPart(text[at..stop], IsValue: false, piece.Place.Slice(at, stop - at), [], isFirst));
        if (end < 0) return stop;
        var isUnquoted = state is State.Unquoted;
        CloseAttribute();
        return isUnquoted ? stop : stop + 1;
    }

    private int ReadMarkup(TemplatePiece piece, string text, int at)
    {
        var c = text[at];
        switch (state)
        {
            case State.TagOpen:
                return OpenTag(piece, text, at, c);
            case State.TagName:
                if (char.IsWhiteSpace(c) || c is '>' or '/') EndName();
                else if (name.Length < 64) name.Append(char.ToLowerInvariant(c));
                return state is State.TagName ? at + 1 : at;
            case State.InTag:
                if (c == '>') CloseTag();
                else if (!char.IsWhiteSpace(c) && c != '/') BeginAttribute(piece, at);
                return state is State.AttributeName ? at : at + 1;
            case State.AttributeName:
                if (c == '=') (state, attributeName, isFirst) = (State.BeforeValue, name.ToString(), true);
                else if (char.IsWhiteSpace(c)) (state, attributeName) = (State.AfterName, name.ToString());
                else if (c is '>' or '/') CloseBareAttribute();
                else if (name.Length < 64) name.Append(c);
                return state is State.InTag ? at : at + 1;
            case State.AfterName:
                if (c == '=') (state, isFirst) = (State.BeforeValue, true);
                else if (!char.IsWhiteSpace(c)) CloseBareAttribute();
                return state is State.InTag ? at : at + 1;
            default:
                return BeginValue(c, at);
        }
    }

    private int OpenTag(TemplatePiece piece, string text, int at, char c)
    {
        if (text.AsSpan(at).StartsWith("!--"))
        {
            state = State.Comment;
            return at + 3;
        }
        if (c is '!' or '?')
        {
            state = State.Declaration;
            return at + 1;
        }
        if (c == '/' || char.IsAsciiLetter(c))
        {
            name.Clear();
            (state, isClosing, attributes) = (State.TagName, c == '/', []);
            return isClosing ? at + 1 : at;
        }
        state = State.Text;
        Show(new HtmlPart("<", IsValue: false, piece.Place.Slice(Math.Max(0, at - 1), 1), [], IsFirst: false));
        return at;
    }

    private void EndName() => (tagName, state) = (name.ToString(), State.InTag);

    private void BeginAttribute(TemplatePiece piece, int at)
    {
        name.Clear();
        (state, parts, attributePlace) = (State.AttributeName, [], piece.Place.Slice(at, 1));
    }

    private void CloseBareAttribute()
    {
        attributeName = name.ToString();
        CloseAttribute();
    }

    private int BeginValue(char c, int at)
    {
        if (char.IsWhiteSpace(c)) return at + 1;
        if (c == '>')
        {
            CloseAttribute();
            return at;
        }
        state = c switch { '"' => State.Quoted, '\'' => State.SingleQuoted, _ => State.Unquoted };
        return state is State.Unquoted ? at : at + 1;
    }

    private void CloseAttribute()
    {
        attributes.Add(new HtmlAttribute(attributeName, attributePlace!.Slice(0, 1), parts));
        (state, parts, name.Length) = (State.InTag, [], 0);
    }

    private void CloseTag()
    {
        state = State.Text;
        if (isClosing)
        {
            if (tagName == "a") open = null;
            return;
        }
        var tag = new HtmlTag(tagName, tagPlace!.Slice(0, tagName.Length + 1), attributes);
        tags.Add(tag);
        if (tagName == "a") links.Add(open = new HtmlLink(tag));
        else if (tagName == "img") open?.Images.Add(tag);
        else if (Array.IndexOf(Hiding, tagName) >= 0) (state, hiding) = (State.Hidden, tagName);
    }
}
