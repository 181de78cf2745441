using System.Text.RegularExpressions;
using Automation.Marketing.Mail;

namespace Automation.Marketing.Tests.Mail;

public sealed partial class MessageTransitionsTests
{
    [Fact]
    public void The_drawing_beside_the_code_shows_exactly_the_transitions_that_the_code_has()
    {
        var drawn = Arrow().Matches(File.ReadAllText(Drawing())).Select(arrow => (From: Parse(arrow.Groups["from"].Value), To: Parse(arrow.Groups["to"].Value)!.Value)).ToList();
        Assert.Equal(drawn.Count, drawn.Distinct().Count());
        Assert.Equal(MessageTransitions.All.Order(), drawn.Order());
    }

    [Fact]
    public void What_may_have_left_never_waits_again_but_where_it_surely_has_not()
    {
        Assert.False(MessageTransitions.Allows(MessageState.Sent, MessageState.Queued));
        Assert.False(MessageTransitions.Allows(MessageState.Failed, MessageState.Queued));
        Assert.False(MessageTransitions.Allows(MessageState.Sending, MessageState.Deferred));
        Assert.All(
            new[] { MessageState.Expired, MessageState.Skipped, MessageState.Suppressed, MessageState.Cancelled },
            final => Assert.DoesNotContain(MessageTransitions.All, step => step.From == final));
    }

    private static MessageState? Parse(string word) => word == "[*]" ? null : Enum.Parse<MessageState>(word);

    private static string Drawing()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var file = Path.Combine(folder.FullName, "src", "Automation.Marketing", "Mail", "message-states.md");
            if (File.Exists(file)) return file;
        }
        throw new FileNotFoundException("message-states.md");
    }

    [GeneratedRegex(@"^\s+(?<from>\w+|\[\*\]) --> (?<to>\w+) :", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Arrow();
}
