using Automation.Marketing.Contacts.Outgoing;
using Microsoft.Extensions.Localization;

namespace Automation.Server.Wording;

/// <summary>What other programs are told of, as people read it.</summary>
internal sealed class OutgoingWords(IStringLocalizer words)
{
    public string Of(string type) => type switch
    {
        "lead.hot" => words["A person has become hot"],
        "lead.handed_off" => words["A lead was handed to sales"],
        "lead.accepted" => words["Sales accepted a lead"],
        "lead.rejected" => words["Sales rejected a lead"],
        "lead.handed_back" => words["Sales handed a deal back"],
        OutgoingTypes.DealOpened => words["A deal was opened"],
        OutgoingTypes.DealChanged => words["A deal was changed"],
        OutgoingTypes.DealWon => words["A deal was won"],
        OutgoingTypes.DealLost => words["A deal was lost"],
        OutgoingTypes.MessageSent => words["A mail was sent"],
        OutgoingTypes.MessageDelivered => words["A mail was delivered"],
        OutgoingTypes.MessageBounced => words["A mail bounced"],
        OutgoingTypes.MessageClicked => words["A person clicked a link"],
        OutgoingTypes.MessageComplained => words["A person reported a mail as spam"],
        OutgoingTypes.MessageUnsubscribed => words["A person opted out"],
        OutgoingTypes.MessageSuppressed => words["An address is mailed no more"],
        OutgoingTypes.MessageFailed => words["A mail was refused"],
        OutgoingTypes.Test => words["Test"],
        _ => type,
    };

    public string State(DeliveryState state) => state switch
    {
        DeliveryState.Waiting => words["On its way"],
        DeliveryState.Delivered => words["Taken"],
        _ => words["Given up"],
    };

    public static string Colour(DeliveryState state) => state switch
    {
        DeliveryState.Waiting => "azure",
        DeliveryState.Delivered => "green",
        _ => "red",
    };
}
