using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Content;
using Automation.Marketing.Mail.Content.Authoring;
using Automation.Marketing.Mail.Decision;
using Automation.Marketing.Storage;
using Automation.Server.Mailbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace Automation.Server.Tests.Browser;

[Collection(nameof(BrowserApp))]
public sealed class TemplatesInBrowserTests(BrowserApp app)
{
    [Theory]
    [InlineData("ja", 1366)]
    [InlineData("en", 390)]
    public async Task A_japanese_template_is_written_mended_looked_at_and_published_and_the_next_mail_says_so(string language, int width)
    {
        var id = $"letters/autumn-{width}";
        await using var visit = await WatchedPage.OpenAsync(app, language, width);
        var page = visit.Page;
        await visit.SignInAsync();
        await BeginAsync(visit, id);

        // An error is underlined as one types, and named in the list.
        await WriteAsync(page, "subject", "{{ contact.nmae }}様へ、秋のお便り");
        await Assertions.Expect(page.Locator(".cm-lintRange-error")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator("#findings .is-error").First).ToContainTextAsync("nmae");
        await visit.CheckWidthAsync("/templates/edit with errors");
        await visit.KeepPictureAsync($"{language}-{width}-template-error");

        // Publishing it is refused, with the finding.
        await page.PressAsync("#open-publish", "Enter");
        await Assertions.Expect(page.Locator("#fault-list")).ToContainTextAsync("nmae");
        await Assertions.Expect(page.Locator("#publish-now")).ToBeHiddenAsync();
        await visit.KeepPictureAsync($"{language}-{width}-template-refused");
        await page.Locator("#fault-list .finding").First.ClickAsync();
        await Assertions.Expect(page.Locator("#publish")).ToBeHiddenAsync();
        Assert.Null(app.Get<TemplateCatalogue>().Find(id));

        // Mended, it says what each person will see.
        await WriteAsync(page, "subject", "{{ contact.name | string.strip | object.default \"お客\" }}様へ、秋のお便り");
        await Assertions.Expect(page.Locator("#findings .is-error")).ToHaveCountAsync(0);
        await page.FillAsync("#search", "はなこ");
        await Assertions.Expect(page.Locator("#preview-subject")).ToHaveTextAsync("山田 花子様へ、秋のお便り");
        await Assertions.Expect(Frame(page)).ToContainTextAsync("山田 花子様");
        await page.SelectOptionAsync("#who", "sample:Hostile");
        await Assertions.Expect(page.Locator("#preview-subject")).ToContainTextAsync("<script>");
        await Assertions.Expect(Frame(page)).ToContainTextAsync("<script>alert('x')</script>");
        await page.SelectOptionAsync("#who", "sample:NoName");
        await Assertions.Expect(Frame(page)).ToContainTextAsync("お客様");
        await page.ClickAsync("[data-wide=phone]");
        await page.ClickAsync("[data-shade=dark]");
        await Assertions.Expect(page.Locator("#frames iframe")).ToHaveCountAsync(1);
        await page.Locator("#preview-subject").ScrollIntoViewIfNeededAsync();
        await visit.KeepPictureAsync($"{language}-{width}-template-dark", whole: false);

        await page.PressAsync("#open-publish", "Enter");
        await page.FillAsync("#note", "秋のお便りを書きました");
        await visit.KeepPictureAsync($"{language}-{width}-template-publish");
        await page.ClickAsync("#publish-now");
        await Assertions.Expect(page.Locator(".alert-success")).ToBeVisibleAsync();
        Assert.Equal(1, app.Get<TemplateCatalogue>().Find(id)!.Version);
        Assert.Equal($"山田 花子様へ、秋のお便り", await NextSubjectAsync(id));

        // A change is a draft, then a version beside the first.
        await WriteAsync(page, "text", "{{ contact.name }}様\n二通目の文面です。\n{{ include \"sender.text.ja\" }}");
        await SavedAsync(page);
        await visit.GoAsync($"/templates/versions/{id}");
        await Assertions.Expect(page.Locator(".difference")).ToContainTextAsync("二通目の文面です。");
        await visit.CheckWidthAsync("/templates/versions");
        await visit.KeepPictureAsync($"{language}-{width}-template-difference");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task What_is_not_saved_is_not_lost_by_leaving_and_a_saved_draft_is_there_again()
    {
        await using var visit = await WatchedPage.OpenAsync(app, "ja", 1366);
        await visit.SignInAsync();
        await BeginAsync(visit, "letters/guarded");
        var asked = 0;
        visit.Page.Dialog += async (_, dialog) =>
        {
            Interlocked.Increment(ref asked);
            await dialog.DismissAsync();
        };
        await WriteAsync(visit.Page, "subject", "保存前");
        await visit.Page.EvaluateAsync("() => { location.href = '/templates'; }");
        await Assertions.Expect(visit.Page.Locator("#desk")).ToBeVisibleAsync();
        Assert.Equal(1, asked);
        await visit.Page.Keyboard.PressAsync("Control+s");
        await SavedAsync(visit.Page);
        await visit.GoAsync("/templates/edit/letters/guarded");
        await visit.Page.ClickAsync("[data-part=subject]");
        await Assertions.Expect(visit.Page.Locator(".cm-content")).ToContainTextAsync("保存前");
        Assert.Equal(1, asked);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Two_who_write_the_same_draft_do_not_overwrite_each_other_unseen()
    {
        await using var first = await WatchedPage.OpenAsync(app, "ja", 1366);
        await first.SignInAsync();
        await BeginAsync(first, "letters/shared");
        await using var second = await WatchedPage.OpenAsync(app, "en", 390);
        await second.SignInAsync();
        await OpenAsync(second, "letters/shared");
        await WriteAsync(first.Page, "subject", "先に書いた件名");
        await SavedAsync(first.Page);
        await WriteAsync(second.Page, "subject", "後から書いた件名");
        await Assertions.Expect(second.Page.Locator("#overtaken")).ToBeVisibleAsync();
        await second.CheckWidthAsync("overtaken");
        await second.KeepPictureAsync("en-390-template-overtaken");
        Assert.Equal("先に書いた件名", await SavedSubjectAsync());
        await second.Page.ClickAsync("#overwrite");
        await SavedAsync(second.Page);
        Assert.Equal("後から書いた件名", await SavedSubjectAsync());
        Assert.Empty(first.Complaints);
        Assert.Empty(second.Complaints);

        async Task<string> SavedSubjectAsync() => (await app.Get<TemplateDesk>().OpenAsync("letters/shared", default))!.Content.Template!.Parts["ja"].Subject;
    }

    [Fact]
    public async Task A_missing_language_says_what_is_sent_instead_and_is_begun_from_the_other_and_the_text_part_from_the_html()
    {
        await using var visit = await WatchedPage.OpenAsync(app, "en", 1366);
        var page = visit.Page;
        await visit.SignInAsync();
        await BeginAsync(visit, "letters/two-languages");
        await page.ClickAsync("button[data-language=en]");
        await Assertions.Expect(page.Locator("#missing-says")).ToHaveTextAsync("English is missing: Japanese will be sent.");
        await visit.KeepPictureAsync("en-1366-template-missing");
        await page.ClickAsync("#add-copy");
        await WriteAsync(page, "html", "{{ include \"head.html\" lang:\"en\" title:\"A\" preheader:\"B\" }}<p>Read about {{ shop.name }} <a href=\"https://shop.example.com/news\">here</a></p>{{ include \"sender.html.en\" }}");
        page.Dialog += async (_, dialog) => await dialog.AcceptAsync();
        await page.ClickAsync("[data-part=text]");
        await page.ClickAsync("#generate");
        await Assertions.Expect(page.Locator(".cm-content")).ToContainTextAsync("https://shop.example.com/news");
        await SavedAsync(page);
        Assert.Equal(["en", "ja"], (await app.Get<TemplateDesk>().OpenAsync("letters/two-languages", default))!.Content.Template!.Parts.Keys.Order());
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_test_mail_goes_to_oneself_marked_and_counts_nowhere_whatever_becomes_of_it()
    {
        await using var visit = await WatchedPage.OpenAsync(app, "en", 1366);
        var page = visit.Page;
        await visit.SignInAsync();
        await OpenAsync(visit, "welcome/day-3");
        await using var db = app.OpenDb();
        var (messages, events, entries) = (await db.OutboxMessages.CountAsync(), await db.DeliveryEvents.CountAsync(), await db.ConsentEntries.CountAsync());
        // The address of a customer, so that a report about it could find somebody to harm.
        await page.FillAsync("#address", "hanako@example.com");
        await page.ClickAsync("#send-test button");
        await Assertions.Expect(page.Locator("#test-says")).ToContainTextAsync("hanako@example.com");
        await visit.KeepPictureAsync("en-1366-template-test");
        var mailbox = app.Get<IMailbox>();
        var test = (await mailbox.ListAsync(1, "hanako@example.com", default)).Mails.First(mail => mail.Subject.StartsWith("[TEST] ", StringComparison.Ordinal));
        Assert.DoesNotContain("automation_message_id", test.CustomArgs.Keys);
        foreach (var happens in new[] { "delivered", "spamreport", "bounce", "unsubscribe" }) Assert.True(await mailbox.MakeEventAsync(test.Id, happens, url: null, default));
        await app.SettleAsync();
        Assert.Equal((messages, events, entries), (await db.OutboxMessages.CountAsync(), await db.DeliveryEvents.CountAsync(), await db.ConsentEntries.CountAsync()));
        Assert.Empty(await db.SuppressedAddresses.Where(one => one.AddressKey == "hanako@example.com").ToListAsync());
        await OpenAsync(visit, "welcome/day-7");
        await Assertions.Expect(page.Locator("#address")).ToHaveValueAsync("hanako@example.com");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_shared_part_is_looked_at_within_a_template_and_refused_when_it_would_break_one()
    {
        await using var visit = await WatchedPage.OpenAsync(app, "en", 1366);
        var page = visit.Page;
        await visit.SignInAsync();
        await OpenAsync(visit, "_partials/sender.text.en");
        await FillEditorAsync(page, "Only a name: {{ shop.name }}");
        await page.SelectOptionAsync("#within", "welcome/day-0");
        await page.SelectOptionAsync("#preview-language", "en");
        await page.ClickAsync("[data-face=text]");
        await Assertions.Expect(page.Locator("#preview-text")).ToContainTextAsync("Only a name: 越前みなと水産");
        await page.PressAsync("#open-publish", "Enter");
        await page.ClickAsync("#publish-now");
        await Assertions.Expect(page.Locator("#fault-list")).ToContainTextAsync("welcome/day-0");
        await visit.KeepPictureAsync("en-1366-partial-refused");
        await page.ClickAsync("#publish-close");
        page.Dialog += async (_, dialog) => await dialog.AcceptAsync();
        await page.ClickAsync("#discard button");
        await Assertions.Expect(page.Locator(".alert-success")).ToBeVisibleAsync();
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_template_is_found_by_what_sends_it_and_shows_how_its_last_use_went()
    {
        await using var visit = await WatchedPage.OpenAsync(app, "ja", 1366);
        await visit.SignInAsync();
        await visit.GoAsync("/templates");
        await Assertions.Expect(visit.Page.Locator("tr:has(#open-newsletter-monthly)")).ToContainTextAsync("通送信");
        await visit.Page.Locator("#search").PressSequentiallyAsync("ようこそ");
        await Assertions.Expect(visit.Page.Locator("#templates tbody tr")).ToHaveCountAsync(4);
        await Assertions.Expect(visit.Page.Locator("#open-welcome-day-0")).ToBeVisibleAsync();
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task The_editor_is_left_by_the_tab_key()
    {
        await using var visit = await WatchedPage.OpenAsync(app, "en", 1366);
        await visit.SignInAsync();
        await OpenAsync(visit, "welcome/day-0");
        await visit.Page.ClickAsync(".cm-content");
        await visit.Page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(visit.Page.Locator(".cm-content")).Not.ToBeFocusedAsync();
        Assert.Empty(visit.Complaints);
    }

    private static async Task BeginAsync(WatchedPage visit, string id)
    {
        await visit.GoAsync("/templates/new");
        await visit.Page.SelectOptionAsync("#Approach", "A3");
        await visit.Page.FillAsync("#Path", id);
        await visit.Page.ClickAsync("main button.btn-primary");
        await visit.Page.WaitForSelectorAsync("#desk[data-ready=true]");
    }

    private static async Task OpenAsync(WatchedPage visit, string id)
    {
        await visit.GoAsync($"/templates/edit/{id}");
        await visit.Page.WaitForSelectorAsync("#desk[data-ready=true]");
    }

    private static async Task WriteAsync(IPage page, string part, string text)
    {
        await page.ClickAsync($"[data-part={part}]");
        await FillEditorAsync(page, text);
    }

    // As pasting does: no brackets are closed and no lines indented on the way.
    private static async Task FillEditorAsync(IPage page, string text)
    {
        await page.ClickAsync(".cm-content");
        await page.Keyboard.PressAsync("Control+a");
        await page.Keyboard.InsertTextAsync(text);
    }

    // Not what stood there when the page was opened.
    private static Task SavedAsync(IPage page) => Assertions.Expect(page.Locator("#desk[data-touched=true] #state[data-kind=saved]")).ToBeVisibleAsync();

    private static ILocator Frame(IPage page) => page.FrameLocator("#frames iframe:not(.drawing)").Locator("body");

    private async Task<string> NextSubjectAsync(string template)
    {
        await using var db = app.OpenDb();
        var identity = new MessageIdentity(app.Customer, MessageOrigin.Flow, "test", template, 1, 1);
        var now = app.Get<TimeProvider>().GetUtcNow();
        await using (var transaction = await db.BeginWriteAsync(default))
        {
            // Transactional, so that neither limits nor quiet hours of the other tests hold it back.
            await Outbox.RequestAsync(
                db, [new MailRequest(identity, template, MessageClass.Transactional, Approach.None, OverCap.Defer, 50, now.AddDays(1), null)],
                await db.SendingPolicyAsync(default), "Asia/Tokyo", now, default);
            await transaction.CommitAsync(default);
        }
        await app.SettleAsync();
        return (await db.OutboxMessages.AsNoTracking().SingleAsync(message => message.Identity == identity.ToString())).Subject!;
    }
}
