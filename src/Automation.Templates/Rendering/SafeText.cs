namespace Automation.Templates.Rendering;

/// <summary>Text that is HTML already and is printed unescaped; everywhere else it behaves as its string.</summary>
internal sealed class SafeText(string text)
{
    public string Text { get; } = text;

    public override string ToString() => Text;
}

/// <summary>The value of <c>empty</c> and <c>blank</c>: equal to every empty list and object, printed as nothing.</summary>
internal sealed class EmptyValue : TemplateObject
{
    public static readonly EmptyValue Instance = new();

    private EmptyValue() : base(0)
    {
    }

    internal override bool IsShared => true;
}
