"""What a mail folder or a Gmail label holds, by its name in any of 35 languages."""

from __future__ import annotations

from functools import cache
from typing import Literal

from people.text import fold

FolderKind = Literal["sent", "drafts", "junk", "trash", "chats"]
"""Folders that are not simply mail. Only ``sent`` is evidence; drafts include what waits to be sent."""

_NAMES: dict[FolderKind, str] = {
    "sent": """
        sent|sent mail|sent mails|sent items|sent messages|sent e-mails|sent-mail|gesendet|gesendete
        gesendete elemente|gesendete objekte|gesendete nachrichten|gesendete e-mails|gesendete mails
        envoyés|éléments envoyés|messages envoyés|courrier envoyé|objets envoyés|envoyé|enviados
        elementos enviados|mensajes enviados|correo enviado|correos enviados|enviado|inviati|inviata
        posta inviata|elementi inviati|messaggi inviati|itens enviados|mensagens enviadas|e-mails enviados
        enviadas|enviada|correio enviado|email enviado|verzonden|verzonden items|verzonden berichten
        verzonden e-mail|verstuurd|wysłane|elementy wysłane|wysłane wiadomości|poczta wysłana|odeslané
        odeslaná|odeslaná pošta|odeslané zprávy|odeslané položky|odoslané|odoslaná pošta|odoslané položky
        odoslané správy|elküldött|elküldött elemek|elküldött üzenetek|elküldött levelek|elküldve|skickat
        skickade|skickade objekt|skickade meddelanden|skickad e-post|sendt|sendte|sendt post
        sendte elementer|sendte meddelelser|sendte meldinger|sendt e-post|sendte e-poster|lähetetyt
        lähetetyt viestit|lähetetyt kohteet|lähetetty|saadetud|saadetud kirjad|saadetud üksused|nosūtītie
        nosūtītās|nosūtītie vienumi|nosūtītās vēstules|išsiųsti|išsiųsta|išsiųsti laiškai
        išsiųsti elementai|trimise|elemente trimise|mesaje trimise|trimis|изпратени|изпратена поща
        изпратени елементи|poslano|poslane stavke|poslane poruke|poslana pošta|poslati|poslato|послато
        послате поруке|απεσταλμένα|απεσταλμένα στοιχεία|απεσταλμένα μηνύματα|σταλμένα|отправленные
        отправленное|отправлено|надіслані|надіслане|відправлені|надіслані листи|gönderilmiş
        gönderilmiş öğeler|gönderilmiş postalar|gönderilenler|gönderilen|gönderilen öğeler|المرسل
        البريد المرسل|العناصر المرسلة|الرسائل المرسلة|נשלח|דואר יוצא|דואר שנשלח|פריטים שנשלחו
        הודעות שנשלחו|ارسال‌شده|ارسال شده|نامه‌های ارسالی|भेजे गए|भेजे गए मेल|भेजा गया|送信済み|送信済
        送信済みアイテム|送信済みメール|送信済みトレイ|送信トレイ (送信済み)|보낸편지함|보낸 편지함
        보낸메일함|보낸 메일함|已发送|已发送邮件|已发邮件|已发送消息|已发送的邮件|已傳送|已傳送的郵件
        已傳送的項目|寄件備份|寄件備份匣|已寄出|已寄郵件|ส่งแล้ว|จดหมายที่ส่งแล้ว|รายการที่ส่ง|đã gửi|thư đã gửi
        mục đã gửi|terkirim|item terkirim|surat terkirim|dihantar|item dihantar|enviats|elements enviats
        correu enviat|bidalita|bidalitakoak|sendur póstur|sent póstur
    """,
    "drafts": """
        drafts|draft|draft messages|outbox|unsent messages|unsent|templates|scheduled|snoozed drafts
        entwürfe|entwurf|postausgang|vorlagen|geplant|brouillons|brouillon|boîte d'envoi|modèles
        programmés|borradores|borrador|bandeja de salida|plantillas|programados|bozze|bozza
        posta in uscita|modelli|programmata|rascunhos|rascunho|caixa de saída|a enviar|modelos|programados
        agendados|concepten|postvak uit|sjablonen|gepland|wersje robocze|szkice|robocze|skrzynka nadawcza
        szablony|zaplanowane|koncepty|rozepsané|rozepsané zprávy|k odeslání|pošta k odeslání|šablony
        naplánované|piszkozatok|piszkozat|vázlatok|postázandó üzenetek|utkast|utkorg|mallar|kladder|kladde
        udbakke|udkast|utboks|kladd|luonnokset|lähtevät|mustandid|väljundkaust|melnraksti|juodraščiai
        ciorne|schițe|чернови|изходящи|skice|nacrti|osnutki|нацрти|πρόχειρα|εξερχόμενα|черновики|исходящие
        чернетки|вихідні|taslaklar|taslak|giden kutusu|المسودات|مسودات|صندوق الصادر|טיוטות|פیش‌نویس‌ها
        پیش‌نویس‌ها|پیش نویس ها|ड्राफ़्ट|मसौदे|下書き|送信トレイ|未送信|임시보관함|임시 보관함|초안
        보낼편지함|草稿|草稿箱|草稿匣|寄件匣|发件箱|ร่างจดหมาย|จดหมายร่าง|แบบร่าง|thư nháp|bản nháp|nháp
        hộp thư đi|draf|konsep|kotak keluar|esborranys|safata de sortida|zirriborroak|drög
    """,
    "junk": """
        junk|spam|junk mail|junk e-mail|junk email|bulk mail|spamverdacht|junk-e-mail|unerwünscht
        unerwünschte werbung|courrier indésirable|indésirables|indésirable|pourriel|pourriels
        correo no deseado|no deseado|correo basura|posta indesiderata|indesiderata|lixo eletrônico
        lixo eletrónico|lixo electrónico|correio não solicitado|não solicitado|ongewenst|ongewenste e-mail
        ongewenste reclame|wiadomości-śmieci|niechciane|niechciana poczta|nevyžádaná pošta|nevyžádané
        nevyžiadaná pošta|levélszemét|skräppost|uønsket mail|uønsket e-mail|uønsket e-post|søppelpost
        roskaposti|rämpspost|mēstules|surogātpasts|šlamštas|brukalas|mesaje nedorite|нежелана поща|спам
        neželjena pošta|neželena pošta|bezvrijedna pošta|нежељена пошта|ανεπιθύμητα
        ανεπιθύμητη αλληλογραφία|ανεπιθύμητη ηλεκτρονική αλληλογραφία|нежелательная почта|небажана пошта
        önemsiz|önemsiz e-posta|istenmeyen|gereksiz|البريد العشوائي|غير مرغوب|البريد غير الهام
        الرسائل غير المرغوبة|דואר זבל|זבל|ספאם|هرزنامه|स्पैम|迷惑メール|スパム|스팸|스팸편지함|스팸 메일함
        정크 메일|垃圾邮件|垃圾郵件|垃圾邮件箱|垃圾信件|สแปม|จดหมายขยะ|อีเมลขยะ|thư rác|email sampah
        correu brossa|correu no desitjat|zabor-posta|ruslpóstur
    """,
    "trash": """
        trash|bin|deleted|deleted items|deleted messages|wastebasket|rubbish|recycle bin|papierkorb
        gelöscht|gelöschte|gelöschte elemente|gelöschte objekte|gelöschte nachrichten|corbeille
        éléments supprimés|messages supprimés|supprimés|papelera|elementos eliminados|eliminados
        mensajes eliminados|papelera de reciclaje|cestino|posta eliminata|elementi eliminati|eliminata
        lixeira|lixo|itens excluídos|itens eliminados|excluídos|mensagens eliminadas|prullenbak
        prullenmand|verwijderd|verwijderde items|verwijderde berichten|kosz|usunięte|elementy usunięte|koš
        odstraněná pošta|odstraněné|kôš|odstránené položky|odstránené|lomtár|törölt elemek|törölt
        papperskorg|papperskorgen|borttagna objekt|borttaget|papirkurv|papirkurven|slettet post
        slettede elementer|slettet|roskakori|poistetut|poistetut kohteet|prügikast|kustutatud üksused
        miskaste|atkritne|dzēstie vienumi|šiukšlinė|šiukšliadėžė|ištrinti elementai|coș de gunoi|coș
        elemente șterse|кошче|изтрити|изтрити елементи|otpad|smeće|izbrisane stavke|koš za smeti|izbrisano
        отпад|смеће|κάδος|κάδος απορριμμάτων|διαγραμμένα|διαγραμμένα στοιχεία|корзина|удаленные|удалённые
        кошик|видалені|çöp|çöp kutusu|silinmiş öğeler|silinmiş|سلة المهملات|المهملات|العناصر المحذوفة|אשפה
        פריטים שנמחקו|سطل زباله|زباله‌دان|ट्रैश|रद्दी|ごみ箱|ゴミ箱|削除済みアイテム|削除済み|휴지통
        지운편지함|지운 편지함|已删除|已删除邮件|回收站|已刪除的郵件|刪除的郵件|垃圾桶|已删除消息|廢紙簍
        垃圾箱|ถังขยะ|รายการที่ลบ|thùng rác|mục đã xóa|sampah|tong sampah|item terhapus|item dipadam
        paperera|elements suprimits|zakarrontzia|ruslakarfa|rusl
    """,
    "chats": """
        chat|chats|conversation history|unterhaltungsverlauf|historique des conversations|chatten
        conversas|historial de conversaciones|cronologia conversazioni|czat|czaty|чаты|チャット|聊天
    """,
}


UNSENT: frozenset[FolderKind | None] = frozenset({"drafts", "junk", "trash", "chats"})
"""What is not read: it was never sent, or it is not wanted."""


@cache
def _kinds() -> dict[str, FolderKind]:
    return {
        fold(name): kind
        for kind, names in _NAMES.items()
        for line in names.strip().splitlines()
        for name in line.strip().split("|")
    }


def kind_of(name: str) -> FolderKind | None:
    """What a folder of this name holds; None for any other folder. Case and accents do not matter.

    >>> kind_of("Éléments Envoyés"), kind_of("Entwürfe"), kind_of("Projects")
    ('sent', 'drafts', None)
    """
    return _kinds().get(fold(name))
