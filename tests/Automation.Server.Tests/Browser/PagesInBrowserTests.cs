using System.Globalization;
using Automation.Marketing.Campaigns;
using Automation.Marketing.Campaigns.Calendar;
using Automation.Marketing.Campaigns.Turns;
using Automation.Marketing.Contacts.Consent;
using Automation.Marketing.Deals;
using Automation.Marketing.Mail;
using Automation.Marketing.Mail.Delivery;
using Automation.Server.Clock;
using Automation.Server.Mailbox;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;

namespace Automation.Server.Tests.Browser;

[Collection(nameof(BrowserApp))]
public sealed class PagesInBrowserTests(BrowserApp app)
{
    [Theory]
    [InlineData("ja", 1366)]
    [InlineData("ja", 390)]
    [InlineData("en", 1366)]
    [InlineData("en", 390)]
    public async Task Every_page_shows_itself_without_complaints_and_fits_its_window(string language, int width)
    {
        await using var visit = await WatchedPage.OpenAsync(app, language, width);
        await visit.GoAsync("/sign-in");
        await visit.CheckWidthAsync("/sign-in");
        await visit.CheckAccessibilityAsync("/sign-in");
        await visit.KeepPictureAsync($"{language}-{width}-sign-in");
        await visit.SignInAsync();
        foreach (var (name, path) in await PathsAsync())
        {
            await visit.GoAsync(path);
            Assert.Equal(language, await visit.Page.GetAttributeAsync("html", "lang"));
            Assert.False(string.IsNullOrWhiteSpace(await visit.Page.InnerTextAsync("h1")), $"{path} has no heading.");
            await visit.CheckWidthAsync(path);
            // Each language and each width once: what axe-core looks at hangs on one of them, not on both.
            if (language == "ja" == (width == 1366)) await visit.CheckAccessibilityAsync(path);
            await visit.KeepPictureAsync($"{language}-{width}-{name}");
        }
        Assert.True(visit.Complaints.Count == 0, string.Join(Environment.NewLine, visit.Complaints));
    }

    [Fact]
    public async Task The_language_switch_changes_the_page_one_is_on_and_is_remembered()
    {
        await using var visit = await WatchedPage.OpenAsync(app, "en", 1366);
        await visit.SignInAsync();
        await visit.GoAsync("/people?search=hanako");
        await visit.Page.ClickAsync("button[name=to][value=ja]");
        await visit.Page.WaitForSelectorAsync("html[lang=ja]");
        Assert.Contains("/people?search=hanako", visit.Page.Url, StringComparison.Ordinal);
        await visit.GoAsync("/deals");
        Assert.Equal("商談", await visit.Page.InnerTextAsync("h1"));
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task On_a_phone_the_menu_opens_group_by_group_and_leads_on()
    {
        await using var visit = await WatchedPage.OpenAsync(app, "ja", 390);
        await visit.SignInAsync();
        var deals = visit.Page.Locator("#places a[href='/deals']");
        var sales = visit.Page.Locator("#places summary:has-text('営業')");
        await Assertions.Expect(sales).ToBeHiddenAsync();
        await visit.Page.ClickAsync(".navbar-toggler");
        await Assertions.Expect(deals).ToBeHiddenAsync();
        await sales.ClickAsync();
        await Assertions.Expect(deals).ToBeVisibleAsync();
        await visit.CheckWidthAsync("the menu");
        await visit.KeepPictureAsync("ja-390-menu");
        await deals.ClickAsync();
        await Assertions.Expect(visit.Page.Locator("h1")).ToHaveTextAsync("商談");
        await visit.Page.ClickAsync(".navbar-toggler");
        // The group of the page that is open stands open.
        await Assertions.Expect(deals).ToHaveAttributeAsync("aria-current", "page");
        await Assertions.Expect(deals).ToBeVisibleAsync();
        Assert.Empty(visit.Complaints);
    }

    [Theory]
    [InlineData("ja", "設定", "監査記録")]
    [InlineData("en", "Settings", "Audit trail")]
    public async Task The_menus_groups_open_and_close_by_keyboard(string language, string group, string place)
    {
        await using var visit = await WatchedPage.OpenAsync(app, language, 1366);
        await visit.SignInAsync();
        await visit.GoAsync("/people");
        var (summary, link) = (visit.Page.Locator($"#places summary:has-text('{group}')"), visit.Page.Locator($"#places a:has-text('{place}')"));
        await Assertions.Expect(link).ToBeHiddenAsync();
        await summary.FocusAsync();
        await visit.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(link).ToBeVisibleAsync();
        await visit.CheckAccessibilityAsync("the menu");
        await visit.KeepPictureAsync($"{language}-1366-menu");
        await visit.Page.Keyboard.PressAsync("Space");
        await Assertions.Expect(link).ToBeHiddenAsync();
        await visit.Page.Keyboard.PressAsync("Enter");
        foreach (var _ in Enumerable.Range(0, 5)) await visit.Page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(link).ToBeFocusedAsync();
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.Page.WaitForURLAsync("**/audit");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task The_keyboard_reaches_the_content_first()
    {
        await using var visit = await WatchedPage.OpenAsync(app, "en", 1366);
        await visit.SignInAsync();
        await visit.GoAsync("/people");
        await visit.Page.Keyboard.PressAsync("Tab");
        await Assertions.Expect(visit.Page.Locator(".skip-link")).ToBeFocusedAsync();
        await visit.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(visit.Page.Locator("#main")).ToBeFocusedAsync();
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_person_is_found_while_typing_whatever_the_kana_script()
    {
        await using var visit = await WatchedPage.OpenAsync(app, "ja", 1366);
        await visit.SignInAsync();
        await visit.GoAsync("/people");
        await visit.Page.Locator("#search").PressSequentiallyAsync("すずき");
        await Assertions.Expect(visit.Page.Locator("#people tbody tr")).ToHaveCountAsync(1);
        await Assertions.Expect(visit.Page.Locator("#people")).ToContainTextAsync("鈴木 一郎");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task More_people_and_earlier_history_are_shown_on_demand()
    {
        const int APage = 50;
        await using var visit = await WatchedPage.OpenAsync(app, "en", 1366);
        await visit.SignInAsync();
        await visit.GoAsync("/people");
        await using var db = app.OpenDb();
        var people = await db.Contacts.CountAsync();
        Assert.True(people > APage);
        for (var shown = APage; shown < people; shown += APage)
        {
            await visit.Page.ClickAsync("#people button");
            // The button is in a row of its own.
            await Assertions.Expect(visit.Page.Locator("#people tbody tr")).ToHaveCountAsync(people > shown + APage ? shown + APage + 1 : people);
        }
        await Assertions.Expect(visit.Page.Locator("#people button")).ToHaveCountAsync(0);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Sales_hands_a_deal_back_in_one_form_and_can_undo_it()
    {
        await using var visit = await WatchedPage.OpenAsync(app, "ja", 1366);
        await visit.SignInAsync();
        await visit.GoAsync($"/deals/{app.OpenDeal}");

        await visit.Page.ClickAsync("#hand-back button.btn-primary");
        await Assertions.Expect(visit.Page.Locator("#hand-back .field-validation-error")).ToContainTextAsync("差し戻しの理由を選んでください。");

        await visit.Page.Locator("input[value=Budget]").CheckAsync(new LocatorCheckOptions { Force = true });
        await Assertions.Expect(visit.Page.Locator("#preview li")).Not.ToHaveCountAsync(0);
        await visit.Page.FillAsync("#Note", "来期の予算で");
        await visit.Page.ClickAsync("#hand-back button.btn-primary");
        await Assertions.Expect(visit.Page.Locator(".alert-success")).ToContainTextAsync("ナーチャリングへ差し戻しました。");
        await using (var db = app.OpenDb())
        {
            var handBack = await db.HandBacks.SingleAsync(h => h.DealId == app.OpenDeal);
            Assert.Equal((HandBackReason.Budget, "来期の予算で", "admin"), (handBack.Reason, handBack.Note, handBack.Actor));
        }
        await visit.KeepPictureAsync("ja-1366-handed-back");

        await visit.Page.ClickAsync("form[action*=Undo] button");
        await Assertions.Expect(visit.Page.Locator("#hand-back")).ToBeVisibleAsync();
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Opening_the_unsubscribe_link_changes_nothing_and_pressing_its_button_unsubscribes()
    {
        var mail = await MailOfAsync(app.Buyer);
        await using var db = app.OpenDb();
        var token = (await app.Get<LinkFactory>().ForAsync(db, default)).Token(app.Buyer, mail.Id);
        await using var visit = await WatchedPage.OpenAsync(app, "ja", 390);

        await visit.GoAsync($"/u/{token}");
        await visit.CheckWidthAsync("/u");
        await visit.KeepPictureAsync("ja-390-unsubscribe");
        Assert.Equal(ConsentState.Granted, await ConsentOfBuyerAsync());

        await visit.Page.ClickAsync("button.btn-primary");
        await Assertions.Expect(visit.Page.Locator("h1")).ToContainTextAsync("配信を停止しました");
        Assert.Equal(ConsentState.Withdrawn, await ConsentOfBuyerAsync());

        await visit.GoAsync($"/preferences/{token}");
        await visit.KeepPictureAsync("ja-390-preferences");
        await visit.Page.ClickAsync("button.btn-primary");
        await Assertions.Expect(visit.Page.Locator(".alert-success")).ToBeVisibleAsync();
        Assert.Equal(ConsentState.Granted, await ConsentOfBuyerAsync());

        await visit.Page.UncheckAsync("input[name=topics][value=gift]");
        await visit.Page.ClickAsync("form[action*=Topics] button");
        await Assertions.Expect(visit.Page.Locator("input[name=topics][value=gift]")).Not.ToBeCheckedAsync();
        await visit.Page.CheckAsync("input[name=frequency][value=Monthly]");
        await visit.Page.ClickAsync("form[action*=Wishes] button");
        await Assertions.Expect(visit.Page.Locator("input[name=frequency][value=Monthly]")).ToBeCheckedAsync();
        await visit.KeepPictureAsync("ja-390-preferences-set");
        Assert.Empty(visit.Complaints);

        async Task<ConsentState> ConsentOfBuyerAsync() => (await ConsentLedger.StatesAsync(db, [app.Buyer], default))[app.Buyer].State;
    }

    [Fact]
    public async Task Rules_are_changed_only_after_looking_at_what_changes_and_can_be_taken_back()
    {
        await using var visit = await WatchedPage.OpenAsync(app, "ja", 1366);
        await visit.SignInAsync();
        await visit.GoAsync("/rules/edit?preset=newsletter");
        await visit.Page.FillAsync("#Form_Caps_1__Limit", "");
        await visit.Page.ClickAsync("button.btn-primary");
        await Assertions.Expect(visit.Page.Locator(".field-validation-error").First).ToContainTextAsync("最短間隔を入力してください");
        await visit.Page.FillAsync("#Form_Caps_1__Limit", "2");
        await visit.Page.ClickAsync("button.btn-primary");
        await Assertions.Expect(visit.Page.Locator("table")).ToContainTextAsync("販売メールの配信上限（7日）");
        await visit.Page.ClickAsync("button[hx-post]");
        await Assertions.Expect(visit.Page.Locator("#replay")).ToContainTextAsync("ルール別");
        await visit.KeepPictureAsync("ja-1366-rules-review");
        await visit.Page.FillAsync("#Comment", "お便りを始めるため");
        await visit.Page.ClickAsync("button[formaction*=Publish]");
        await Assertions.Expect(visit.Page.Locator(".alert-success")).ToContainTextAsync("有効になりました");
        await visit.KeepPictureAsync("ja-1366-rules-published");
        await using var db = app.OpenDb();
        Assert.Equal("お便りを始めるため", (await db.PolicyVersions.OrderByDescending(version => version.Version).FirstAsync()).Comment);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task An_address_is_put_on_the_list_by_hand_and_found_there()
    {
        await using var visit = await WatchedPage.OpenAsync(app, "en", 1366);
        await visit.SignInAsync();
        await visit.GoAsync("/suppressions");
        await visit.Page.FillAsync("#address", "never.again@example.com");
        await visit.Page.FillAsync("#detail", "asked by phone");
        await visit.Page.ClickAsync("form[action*=Add] button");
        await visit.GoAsync("/suppressions?search=again");
        await Assertions.Expect(visit.Page.Locator("main details summary")).ToContainTextAsync("never.again@example.com");
        await visit.KeepPictureAsync("en-1366-suppressions-found");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_broadcast_is_made_only_after_its_number_of_people_is_typed()
    {
        await using var visit = await WatchedPage.OpenAsync(app, "en", 1366);
        await visit.SignInAsync();
        await visit.GoAsync("/broadcasts/new");
        await visit.Page.FillAsync("#Form_Name", "Thanks to our regulars");
        await visit.Page.SelectOptionAsync("#Form_Template", "newsletter/monthly");
        await visit.Page.FillAsync("#Form_Tags", "お得意様");
        await Assertions.Expect(visit.Page.Locator("#count .value")).ToHaveTextAsync("1 person");
        await visit.Page.ClickAsync("#new button.btn-primary");
        await visit.KeepPictureAsync("en-1366-broadcast-confirm");
        await visit.Page.FillAsync("#Typed", "2");
        await visit.Page.ClickAsync("button.btn-primary");
        await Assertions.Expect(visit.Page.Locator(".field-validation-error")).ToContainTextAsync("Type the number of people");
        await visit.Page.FillAsync("#Typed", "1");
        await visit.Page.ClickAsync("button.btn-primary");
        await Assertions.Expect(visit.Page.Locator("h1")).ToHaveTextAsync("Thanks to our regulars");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Before_it_is_confirmed_a_broadcast_says_who_would_wait_and_lets_them_in_one_press()
    {
        await using var visit = await WatchedPage.OpenAsync(app, "ja", 390);
        await visit.SignInAsync();
        await visit.GoAsync("/broadcasts/new");
        await visit.Page.FillAsync("#Form_Name", "年末のご案内");
        await visit.Page.SelectOptionAsync("#Form_Template", "newsletter/monthly");
        await visit.Page.ClickAsync("details.card > summary");
        await visit.Page.FillAsync("#Form_Pace", "30");
        await visit.Page.SelectOptionAsync("#Form_Tried", "Subject");
        await visit.Page.FillAsync("#Form_SubjectB", "年末は蟹で");
        await visit.Page.CheckAsync("#Form_OnPaper");
        await visit.Page.SelectOptionAsync("#Form_OverCap", "Skip");
        await visit.KeepPictureAsync("ja-390-broadcast-how");
        await visit.CheckWidthAsync("/broadcasts/new, everything open");
        await visit.Page.ClickAsync("#new button.btn-primary");
        await visit.Page.ClickAsync("button[formaction*='wait=true']");
        await Assertions.Expect(visit.Page.Locator("button[formaction*='wait=false']")).ToBeVisibleAsync();
        await visit.CheckWidthAsync("/broadcasts/new, review");
        await visit.CheckAccessibilityAsync("/broadcasts/new, review");
        await visit.KeepPictureAsync("ja-390-broadcast-review");
        var people = await visit.Page.InnerTextAsync(".figure .value");
        await visit.Page.FillAsync("#Typed", new string([.. people.Where(char.IsAsciiDigit)]));
        await visit.Page.ClickAsync("button[formaction*=Create]");
        await Assertions.Expect(visit.Page.Locator("h1")).ToHaveTextAsync("年末のご案内");
        await visit.KeepPictureAsync("ja-390-broadcast-made");
        await using var db = app.OpenDb();
        var made = await db.Broadcasts.SingleAsync(one => one.Name == "年末のご案内");
        Assert.Equal((OverCap.Defer, 1800, "年末は蟹で", true), (made.OverCap, Options(made).PerHour!.Value, Options(made).Test!.B, Options(made).OnPaper));
        Assert.Empty(visit.Complaints);

        static BroadcastOptions Options(Broadcast broadcast) => BroadcastOptions.FromJson(broadcast.Options);
    }

    [Theory]
    [InlineData("ja", 390, "72時間以上", "1人（この中で比べます）")]
    [InlineData("en", 1366, "at least 72 hours", "1 person; among them the two are tried")]
    public async Task Mail_is_tried_against_cards_from_the_form_which_says_how_long_cards_need(string language, int width, string hours, string both)
    {
        await using (var db = app.OpenDb()) await db.Contacts.Where(one => one.Id == app.Customer).ExecuteUpdateAsync(set => set.SetProperty(one => one.Phone, "0776-00-9876"));
        var name = $"はがきとメール {language}";
        await using var visit = await WatchedPage.OpenAsync(app, language, width);
        await visit.SignInAsync();
        await visit.GoAsync("/broadcasts/new");
        await visit.Page.FillAsync("#Form_Name", name);
        await visit.Page.SelectOptionAsync("#Form_Template", "newsletter/monthly");
        await visit.Page.FillAsync("#Form_Tags", "かに");
        await visit.Page.ClickAsync("details.card > summary");
        await visit.Page.SelectOptionAsync("#Form_Tried", "Channel");
        await visit.CheckWidthAsync("/broadcasts/new, by channel");
        await visit.CheckAccessibilityAsync("/broadcasts/new, by channel");
        await visit.Page.ClickAsync("#new button.btn-primary");
        await Assertions.Expect(visit.Page.Locator(".field-validation-error")).ToContainTextAsync(hours);
        await visit.KeepPictureAsync($"{language}-{width}-broadcast-by-channel");
        // Nobody clicks on a card: there is nothing to choose by.
        await Assertions.Expect(visit.Page.Locator("#Form_TestBy")).ToBeHiddenAsync();
        await visit.Page.SelectOptionAsync("#Form_Tried", "Template");
        await Assertions.Expect(visit.Page.Locator("#Form_TestBy")).ToBeVisibleAsync();
        await visit.Page.SelectOptionAsync("#Form_Tried", "Channel");
        await visit.Page.FillAsync("#Form_TestHours", "168");
        await visit.Page.ClickAsync("#new button.btn-primary");
        await Assertions.Expect(visit.Page.Locator("dl.facts")).ToContainTextAsync(both);
        await visit.KeepPictureAsync($"{language}-{width}-broadcast-by-channel-review");
        await visit.Page.FillAsync("#Typed", "1");
        await visit.Page.ClickAsync("button[formaction*=Create]");
        await Assertions.Expect(visit.Page.Locator("h1")).ToHaveTextAsync(name);
        await app.SettleAsync();
        await visit.Page.ReloadAsync();
        await visit.CheckWidthAsync("/broadcasts/{id}, by channel");
        await visit.CheckAccessibilityAsync("/broadcasts/{id}, by channel");
        await visit.KeepPictureAsync($"{language}-{width}-broadcast-by-channel-made");
        await using var after = app.OpenDb();
        var test = BroadcastOptions.FromJson((await after.Broadcasts.SingleAsync(one => one.Name == name)).Options).Test!;
        Assert.Equal((TestOf.Channel, 168, WinnerBy.Orders), (test.Of, test.Hours, test.By));
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Labels_are_printed_where_the_sheet_has_them()
    {
        await using var visit = await WatchedPage.OpenAsync(app, "ja", 1366);
        await visit.SignInAsync();
        await visit.GoAsync($"/broadcasts/{app.Tried}/labels");
        await visit.Page.EmulateMediaAsync(new PageEmulateMediaOptions { Media = Media.Print });
        await visit.Page.SetViewportSizeAsync(794, 1123);
        var label = (await visit.Page.Locator(".label-card").First.BoundingBoxAsync())!;
        const double Millimetre = 96 / 25.4;
        Assert.Equal((0, 0), (label.X, label.Y));
        Assert.Equal(70 * Millimetre, label.Width, 0.5);
        Assert.Equal(42.4 * Millimetre, label.Height, 0.5);
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Four_answers_make_a_year_on_the_board_and_it_is_taken_back()
    {
        await using var visit = await WatchedPage.OpenAsync(app, "ja", 1366);
        visit.Page.Dialog += async (_, dialog) => await dialog.AcceptAsync();
        await visit.SignInAsync();
        var year = app.Get<TimeProvider>().GetUtcNow().Year + 1;
        await visit.GoAsync("/calendar/our-year");
        await visit.Page.FillAsync("#Form_Product", "いちご");
        await visit.Page.FillAsync("#Form_About", "朝摘みをその日のうちにお送りします。");
        await visit.Page.FillAsync("#Form_Opens", $"{year}-02-10");
        await visit.Page.FillAsync("#Form_Peak", $"{year}-04-10");
        await visit.Page.FillAsync("#Form_Ends", $"{year}-04-01");
        await visit.Page.ClickAsync("#main button.btn-primary");
        await Assertions.Expect(visit.Page.Locator(".field-validation-error")).ToContainTextAsync("1年以内");
        await visit.Page.FillAsync("#Form_Ends", $"{year}-06-01");
        await visit.Page.ClickAsync("#main button.btn-primary");
        await Assertions.Expect(visit.Page.Locator(".chip.draft:has-text('いちご')")).ToHaveCountAsync(3);
        await visit.KeepPictureAsync("ja-1366-calendar-our-year-board");
        await visit.GoAsync("/calendar/our-year");
        await visit.KeepPictureAsync("ja-1366-calendar-our-year-made");
        await visit.Page.ClickAsync("form[action*=Undo] button");
        await Assertions.Expect(visit.Page.Locator("form[action*=Undo]")).ToHaveCountAsync(0);
        await using var db = app.OpenDb();
        Assert.False(await db.Occurrences.AnyAsync(one => one.Key.StartsWith("our-year")));
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_postcard_is_marked_as_posted_and_the_mark_is_taken_back()
    {
        await using var visit = await WatchedPage.OpenAsync(app, "en", 1366);
        await visit.SignInAsync();
        await visit.GoAsync($"/broadcasts/{app.Tried}/paper");
        await visit.Page.ClickAsync("form[action*=Done] button.btn-primary >> nth=0");
        await Assertions.Expect(visit.Page.Locator(".alert-success")).ToContainTextAsync("1 marked as posted.");
        await visit.KeepPictureAsync("en-1366-broadcast-paper-posted");
        await visit.Page.ClickAsync("form[action*=Undo] button");
        await Assertions.Expect(visit.Page.Locator(".alert-success")).ToContainTextAsync("1 on the list again.");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_changed_season_day_says_which_mailings_moved()
    {
        await using var visit = await WatchedPage.OpenAsync(app, "en", 1366);
        await visit.SignInAsync();
        await visit.GoAsync("/calendar");
        var form = visit.Page.Locator("form:has(input[name=key][value='解禁日']):has(input[name=year][value='2027'])");
        await form.Locator("input[type=date]").FillAsync("2027-11-09");
        await form.Locator("button").ClickAsync();
        await Assertions.Expect(visit.Page.Locator(".alert-success")).ToContainTextAsync("9 Nov 2027");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_month_passes_before_ones_eyes_and_nobody_is_signed_out_by_it()
    {
        await using var visit = await WatchedPage.OpenAsync(app, "en", 1366);
        await visit.SignInAsync();
        var before = app.Get<IDemoClock>().Now;
        await visit.Page.ClickAsync("#clock button[value=Month]");
        await Assertions.Expect(visit.Page.Locator("#clock button[value=Month]")).ToBeVisibleAsync(new LocatorAssertionsToBeVisibleOptions { Timeout = 60_000 });
        Assert.InRange(app.Get<IDemoClock>().Now - before, TimeSpan.FromDays(28), TimeSpan.FromDays(32));
        await Assertions.Expect(visit.Page.Locator("#clock")).ToContainTextAsync(before.AddMonths(1).ToString("MMM yyyy", CultureInfo.InvariantCulture));
        await Assertions.Expect(visit.Page.Locator("h1")).ToHaveTextAsync("Home");
        await visit.KeepPictureAsync("en-1366-a-month-later");
        await visit.GoAsync($"/people/{app.Customer}");
        await visit.KeepPictureAsync("en-1366-a-month-later-person");
        await visit.GoAsync("/calendar");
        await visit.KeepPictureAsync("en-1366-a-month-later-calendar");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Sending_is_paused_and_goes_on_from_its_page_and_a_waiting_mail_is_cancelled_there()
    {
        await using var visit = await WatchedPage.OpenAsync(app, "ja", 390);
        visit.Page.Dialog += async (_, dialog) => await dialog.AcceptAsync();
        await visit.SignInAsync();
        await using (var db = app.OpenDb())
        {
            var now = app.Get<TimeProvider>().GetUtcNow();
            var id = await db.OutboxMessages.Where(mail => mail.State != MessageState.Sent).Select(mail => mail.Id).FirstAsync();
            await db.OutboxMessages.Where(mail => mail.Id == id)
                .ExecuteUpdateAsync(set => set.SetProperty(mail => mail.State, MessageState.Deferred).SetProperty(mail => mail.DueAt, now.AddDays(30)));
        }
        await visit.GoAsync("/sending");
        await visit.Page.ClickAsync("form[action*=Pause] button >> nth=0");
        await Assertions.Expect(visit.Page.Locator(".alert-warning")).ToContainTextAsync("すべてのご案内");
        await visit.CheckWidthAsync("/sending, paused");
        await visit.KeepPictureAsync("ja-390-sending-paused");
        await visit.Page.ClickAsync("form[action*=Release] button");
        await Assertions.Expect(visit.Page.Locator(".alert-warning")).ToHaveCountAsync(0);
        var waiting = await visit.Page.Locator("form[action*=Cancel]").CountAsync();
        Assert.True(waiting > 0, "Nothing waits, so nothing can be cancelled.");
        await visit.Page.ClickAsync("form[action*=Cancel] button >> nth=0");
        await Assertions.Expect(visit.Page.Locator("form[action*=Cancel]")).ToHaveCountAsync(waiting - 1);
        Assert.Empty(visit.Complaints);
    }

    private async Task<IReadOnlyList<(string Name, string Path)>> PathsAsync()
    {
        var taken = (await app.Get<IMailbox>().ListAsync(1, "hanako", default)).Mails[0];
        await using var db = app.OpenDb();
        var held = await db.OutboxMessages.FirstAsync(m => m.State != MessageState.Sent);
        var token = (await app.Get<LinkFactory>().ForAsync(db, default)).Token(app.Customer, Guid.NewGuid());
        var mailing = await db.Occurrences.OrderBy(one => one.OpensAt).FirstAsync(one => one.State == OccurrenceState.Planned);
        var flow = await db.FlowDefinitions.Where(d => d.IsPublished).Select(d => d.DefinitionId).OrderBy(id => id).FirstAsync();
        return
        [
            ("home", "/"), ("people", "/people"), ("people-none", "/people?search=nobody-has-this-name"), ("person", $"/people/{app.Customer}"), ("person-quiet", $"/people/{app.Quiet}"),
            ("mails", "/mails"), ("mails-filtered", "/mails?state=Suppressed"), ("mail", $"/mails/{(await MailOfAsync(app.Customer)).Id}"), ("mail-held", $"/mails/{held.Id}"),
            ("calendar", "/calendar"), ("calendar-board", $"/calendar/board?year={mailing.Year}"), ("calendar-board-empty", "/calendar/board?year=2001"), ("calendar-mailing", $"/calendar/{mailing.Id}"), ("calendar-ready", "/calendar/ready"), ("calendar-our-year", "/calendar/our-year"),
            ("deals", "/deals"), ("deals-recycled", "/deals?status=Recycled"), ("deal", $"/deals/{app.OpenDeal}"), ("deal-recycled", $"/deals/{app.ReturnedDeal}"),
            ("funnel", "/funnel"), ("funnel-empty", "/funnel?from=2001-01-01&to=2001-01-31&source=nowhere"), ("funnel-rows", "/funnel/rows?stage=Subscriber&figure=Now"),
            ("journey", "/journey?from=2024-01-01"), ("journey-none", "/journey?from=2001-01-01&to=2001-01-31"), ("journey-rows", "/journey/rows?from=2024-01-01&figure=stage:Won"), ("journey-rules", "/journey/rules"), ("journey-rules-edit", "/journey/rules/edit"), ("journey-rules-shipped", "/journey/rules/edit?version=0"),
            ("hand-backs", "/reports/hand-backs"), ("hand-backs-none", "/reports/hand-backs?from=2001-01-01&to=2001-01-31"), ("hand-backs-rows", "/reports/hand-backs/rows"),
            ("use", "/reports/use"), ("use-none", "/reports/use?from=2001-01-01&to=2001-01-31"), ("use-rows", $"/reports/use/rows?broadcast={app.Broadcast}"), ("related", "/reports/related"), ("related-none", "/reports/related?from=2001-01-01&to=2001-01-31&kind=Category"), ("related-rows-none", "/reports/related/rows?bought=a&then=b"),
            ("deals-narrowed", "/deals?Filters.Text=D-"), ("deals-board", "/deals/board"), ("deals-settings", "/deals/settings"), ("deals-files", "/deals/files"), ("deal-hand-back", $"/deals/hand-back?id={app.OpenDeal}"),
            ("flows", "/flows"), ("flow", $"/flows/{flow}"), ("broadcasts", "/broadcasts"), ("broadcast", $"/broadcasts/{app.Broadcast}"), ("broadcast-new", "/broadcasts/new"), ("broadcast-tried", $"/broadcasts/{app.Tried}"), ("broadcast-paper", $"/broadcasts/{app.Tried}/paper"), ("broadcast-labels", $"/broadcasts/{app.Tried}/labels"), ("broadcasts-weekly", "/broadcasts/weekly"), ("sending", "/sending"), ("sending-speed", "/sending/speed"),
            ("templates", "/templates"), ("templates-retired", "/templates?retired=true"), ("template-new", "/templates/new"), ("template-copy", "/templates/new?from=welcome/day-0"),
            ("template-edit", "/templates/edit/welcome/day-0"), ("template-versions", "/templates/versions/welcome/day-0"), ("partial-edit", "/templates/edit/_partials/sender.html.ja"),
            ("live", "/live"), ("sender", "/sender"), ("start", "/start"), ("start-legal", "/start?step=2"), ("start-mail", "/start?step=3"), ("start-people", "/start?step=4"), ("people-import", "/people/import"), ("connections", "/people/connections"), ("connections-none", "/people/connections?search=nobody-has-this-name"), ("company", "/people/company?name=" + Uri.EscapeDataString("みなとホテル")), ("people-import-gone", "/people/import?id=00000000-0000-0000-0000-000000000001"), ("invite-used", "/invite/used"),
            ("team", "/team"), ("member", $"/team/{await db.Users.Select(user => user.Id).FirstAsync()}"), ("account", "/account"), ("keys", "/keys"), ("outgoing", "/outgoing"), ("outgoing-filtered", "/outgoing?state=Dead"), ("audit", "/audit"), ("api-guide", "/api-guide"),
            ("mailbox", "/mailbox"), ("mailbox-mail", $"/mailbox/{taken.Id}"),
            ("rules", "/rules"), ("rules-edit", "/rules/edit"), ("rules-edit-business", "/rules/edit?preset=business"), ("rules-try", $"/rules/try?id={app.Customer}"),
            ("rules-try-empty", "/rules/try"), ("scoring", "/scoring"), ("scoring-try", $"/scoring?id={app.Customer}"), ("scoring-edit", "/scoring/edit"), ("leads", "/leads"), ("lead", $"/leads/{app.Lead}"), ("leads-settings", "/leads/settings"), ("sales", "/sales"), ("sales-everyone", "/sales?everyone=true"), ("suppressions", "/suppressions"), ("law", "/law"), ("preferences", $"/preferences/{token}"),
        ];
    }

    private async Task<OutboxMessage> MailOfAsync(Guid contact)
    {
        await using var db = app.OpenDb();
        return await db.OutboxMessages.FirstAsync(m => m.ContactId == contact && m.State == MessageState.Sent);
    }
}
